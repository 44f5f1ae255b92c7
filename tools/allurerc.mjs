/** How `npm run report` makes the Allure report: what the tests left, with trends over the runs before and with failures sorted by whose they are. */
const of = (name, matchers) => ({ name, matchers, groupByMessage: true });

/** suites/prove-suite.ts gives each failure its cause as a label. */
export const CAUSES = ['twin differs', "Swarm's own fault", 'harness fault', 'environment'];

export default {
  name: 'swarmtwin',
  output: 'reports/allure',
  historyPath: 'reports/allure-history.jsonl',
  historyLimit: 50,
  categories: {
    rules: [
      ...CAUSES.map((cause) => of(cause, { labels: { cause } })),
      of('harness fault', { message: /was not played|SwarmtwinError|lab-failed|Exceeded timeout/ }),
    ],
  },
  plugins: {
    awesome: {
      options: {
        ...{ reportName: 'swarmtwin', singleFile: false, groupBy: ['epic', 'feature'] },
        // From the third run on Allure shows what changed, too.
        charts: [
          { type: 'currentStatus', title: 'This run' },
          { type: 'statusDynamics', title: 'This run and those before', limit: 50 },
          { type: 'statusTransitions', title: 'What changed from run to run', limit: 50 },
          { type: 'durationDynamics', title: 'How long the tests took', limit: 50 },
        ],
      },
    },
  },
};
