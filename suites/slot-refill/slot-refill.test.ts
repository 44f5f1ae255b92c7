import { proveSuite } from '../prove-suite.ts';

proveSuite('slot-refill');
