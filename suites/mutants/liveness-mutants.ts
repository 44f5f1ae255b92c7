import type { HuntedMutant } from './mutant.ts';

/** Twins that do nothing wrong, and never come to an end: the explorer's own laws see them. */
export const LIVENESS_MUTANTS: readonly HuntedMutant[] = [
  {
    name: 'agent-gives-up',
    wrong: 'an agent whose session has failed looks for no other manager',
    patches: [
      {
        file: 'src/swarm/agent/agent.ts',
        find: "  #connectLater(error: SwarmError): void {\n    if (this.#state !== 'running') return;",
        replace:
          "  #connectLater(error: SwarmError): void {\n    if (this.#state !== 'running' || this.#everRegistered) return;",
      },
    ],
    breaks: 'converges',
    hunt: 'quorum-lost',
    within: 2,
  },
  {
    name: 'throws-at-removal',
    wrong: 'the scheduler throws when a node is removed',
    patches: [
      {
        file: 'src/swarm/scheduler/node-set.ts',
        find: '    this.#nodes.delete(id);\n',
        replace:
          "    this.#nodes.delete(id);\n    if (info.place > -9) throw new Error('a node is gone');\n",
      },
    ],
    breaks: 'nothing-is-thrown',
    hunt: 'removals',
    within: 2,
  },
  {
    name: 'no-backoff',
    wrong: 'an agent without a manager tries again at once',
    patches: [
      {
        file: 'src/swarm/agent/agent.ts',
        find: '      this.#ports.random.between(0, this.#backoffMs),',
        replace: '      this.#ports.random.between(0, 0),',
      },
    ],
    given: [
      {
        file: 'src/simulator/explore/play-plan.ts',
        find: 'const MOST_EVENTS = 5_000_000;',
        replace: 'const MOST_EVENTS = 300_000;',
      },
    ],
    breaks: 'time-goes-on',
    hunt: 'quorum-lost',
    within: 2,
  },
];
