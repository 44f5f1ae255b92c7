import { familyTests } from '../family-tests.ts';

familyTests('quorum-loss');
