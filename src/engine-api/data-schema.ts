/** moby's secrets and configs (api/types/swarm/secret.go, config.go). */
import { ANNOTATIONS, DRIVER, META } from './common-schema.ts';
import { BYTES, STRING, always, field, list, pointer, struct } from './go-type.ts';

export const SECRET_SPEC = struct(
  'swarm.SecretSpec',
  ANNOTATIONS,
  field('Data', BYTES),
  field('Driver', pointer(DRIVER)),
  field('Templating', pointer(DRIVER)),
);

export const SECRET = struct(
  'swarm.Secret',
  always('ID', STRING),
  META,
  always('Spec', SECRET_SPEC),
);
export const SECRETS = list(SECRET);

export const CONFIG_SPEC = struct(
  'swarm.ConfigSpec',
  ANNOTATIONS,
  field('Data', BYTES),
  field('Templating', pointer(DRIVER)),
);

export const CONFIG = struct(
  'swarm.Config',
  always('ID', STRING),
  META,
  always('Spec', CONFIG_SPEC),
);
export const CONFIGS = list(CONFIG);

/** The answer to a creation of either. */
export const DATA_CREATED = struct('types.SecretCreateResponse', always('ID', STRING));
