import { familyTests } from '../family-tests.ts';

familyTests('non-rebalancing');
