/** Parts of the API that the twin does not have yet: what would use one is refused. */
import { SwarmError } from '../model/errors.ts';
import { managersOnly, then, type Call } from './call.ts';
import { notBuilt } from './convert-swarm.ts';
