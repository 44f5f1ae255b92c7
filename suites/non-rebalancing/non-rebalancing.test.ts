import { proveSuite } from '../prove-suite.ts';

proveSuite('non-rebalancing');
