import { proveSuite } from '../prove-suite.ts';

proveSuite('quorum-loss');
