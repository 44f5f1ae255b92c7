/** Sources run as they are: Jest 30.5 strips types natively. `unit` needs nothing; `live` needs a Docker engine. */
const shared = {
  transform: {},
  extensionsToTreatAsEsm: ['.ts'],
  setupFiles: ['<rootDir>/suites/error-realm.js'],
};

export default {
  coverageProvider: 'v8',
  reporters: ['default'],
  // Only for what hangs: how fast something is, is measured by the bench.
  testTimeout: 60_000,
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: [
        '<rootDir>/src/**/*.test.ts',
        '<rootDir>/tools/**/*.test.ts',
        '<rootDir>/suites/{alterations,hostile}/*.test.ts',
      ],
    },
    {
      ...shared,
      displayName: 'live',
      testMatch: ['<rootDir>/suites/**/*.test.ts'],
      testPathIgnorePatterns: ['/node_modules/', '<rootDir>/suites/(alterations|hostile)/'],
      testEnvironment: 'allure-jest/node',
      testEnvironmentOptions: { resultsDir: 'reports/allure-results' },
    },
  ],
};
