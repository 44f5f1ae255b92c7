import { familyTests } from '../family-tests.ts';

familyTests('slot-refill');
