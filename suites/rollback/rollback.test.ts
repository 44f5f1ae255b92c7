import { familyTests } from '../family-tests.ts';

familyTests('rollback');
