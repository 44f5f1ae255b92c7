import { proveSuite } from '../prove-suite.ts';

proveSuite('services');
