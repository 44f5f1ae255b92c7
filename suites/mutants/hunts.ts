/** Where mutants are hunted: shapes of outages in which each kind of mistake shows soon. Every hunt is drawn from its number, and the true twin passes all. */
import { createRandom } from '../../src/model/random.ts';
import type { RestartDraft, Workload } from '../../src/model/scenario.ts';
import { drawPlan } from '../../src/simulator/explore/draw.ts';
import {
  PLAN_FORMAT,
  type Operation,
  type Plan,
  type PlannedFault,
  type PlannedOperation,
  type ServicePlan,
} from '../../src/simulator/explore/plan.ts';

export type HuntName = keyof typeof HUNTS;

type Dice = (low: number, high: number) => number;
type At = readonly [atMs: number, operation: Operation, through?: string];

interface Drawn {
  readonly managers: number;
  readonly workers: number;
  readonly faultsMs: number;
  readonly operations: readonly At[];
  readonly faults?: readonly PlannedFault[];
  readonly swarm?: Partial<Plan['swarm']>;
}

/** The n-th plan of a hunt. */
export function planOf(hunt: HuntName, n: number): Plan {
  const seed = `${hunt}-${n}`;
  const random = createRandom(seed);
  const dice: Dice = (low, high) => Math.floor(random.between(low, high + 1));
  const drawn = HUNTS[hunt](dice, seed);
  return 'format' in drawn ? drawn : planned(drawn, seed);
}

function planned(
  { managers, workers, faultsMs, operations, faults, swarm }: Drawn,
  seed: string,
): Plan {
  const names = (prefix: string, count: number): string[] =>
    Array.from({ length: count }, (_, at) => `${prefix}${at + 1}`);
  return {
    ...{ format: PLAN_FORMAT, code: '', seed, dice: seed, faultsMs },
    ...{ managers: names('m', managers), workers: names('w', workers) },
    swarm: {
      historyLimit: 5,
      snapshotInterval: 10_000,
      keepEntries: 500,
      heartbeatMs: 5000,
      ...swarm,
    },
    operations: operations
      .map(([atMs, operation, through = 'any']): PlannedOperation => ({
        atMs,
        through,
        ...operation,
      }))
      .sort((a, b) => a.atMs - b.atMs),
    faults: [...(faults ?? [])].sort((a, b) => a.atMs - b.atMs),
  };
}

const web = (plan: Partial<ServicePlan> = {}): Operation => ({
  do: 'create',
  service: { service: 'web', image: 'v1', replicas: 3, restart: { delayS: 2 }, ...plan },
});

const service = (name: string, image: Workload, restart: RestartDraft): Operation => ({
  do: 'create',
  service: { service: name, image, replicas: 2, restart, env: { EXIT_AFTER_S: '3' } },
});

const everywhere = (plan: Partial<ServicePlan> = {}): Operation => ({
  do: 'create',
  service: { service: 'all', image: 'v1', global: true, ...plan },
});

const update = (service: string, image: 'v1' | 'v2', rest: object = {}): Operation => ({
  do: 'update',
  service,
  change: { image, ...rest },
});

const scale = (replicas: number): Operation => ({ do: 'scale', service: 'web', replicas });

const available = (node: string, availability: 'active' | 'pause' | 'drain'): Operation => ({
  do: 'availability',
  node,
  availability,
});

const down = (kind: 'crash' | 'stop', node: string, atMs: number, forMs: number): PlannedFault => ({
  ...{ kind, node, atMs, forMs },
});

const away = (node: string, atMs: number, forMs: number): PlannedFault => ({
  ...{ kind: 'cut', shape: 'away', atMs, forMs },
  links: [
    { from: node, to: 'rest' },
    { from: 'rest', to: node },
  ],
});

export const HUNTS = {
  /** What the explorer draws by itself. */
  drawn: (_dice: Dice, seed: string): Drawn | Plan =>
    drawPlan(seed, { managers: [1, 3], workers: [1, 3] }),

  /** Five managers lose one leader after another, each back soon. */
  elections: (dice: Dice): Drawn => ({
    ...{ managers: 5, workers: 0, faultsMs: 200_000 },
    operations: [
      [1000, web()],
      [50_000, scale(5)],
      [100_000, scale(2)],
    ],
    faults: [5000, 40_000, 75_000, 110_000, 145_000].map((atMs) =>
      down('crash', 'leader', atMs + dice(0, 4000), dice(9000, 25_000)),
    ),
  }),

  /** The leader is cut off with clients of its own, and the others go on; then it is back. */
  'leader-away': (dice: Dice): Drawn => ({
    ...{ managers: 3, workers: 0, faultsMs: 150_000 },
    operations: [
      [1000, web()],
      [dice(8100, 9500), scale(5), 'm1'],
      [dice(8100, 9500), update('web', 'v2'), 'm1'],
      [45_000, scale(6), 'leader'],
      [47_000, update('web', 'v2'), 'leader'],
      [90_000, scale(4), 'leader'],
    ],
    faults: [away('m1', 8000, dice(50_000, 60_000)), away('leader', 85_000, 25_000)],
  }),

  /** A new leader is lost just after its election, when the one before it comes back with an entry of its own. */
  'leader-after-leader': (dice: Dice): Drawn => {
    const lostMs = 19_000 + dice(0, 10_000);
    return {
      ...{ managers: 3, workers: 0, faultsMs: 100_000 },
      operations: [
        [1000, web()],
        [9300, scale(5), 'm1'],
      ],
      faults: [away('m1', 9000, lostMs - 9000), down('crash', 'm2', lostMs, 60_000)],
    };
  },

  /** One manager that loses its power in the midst of writing. */
  alone: (dice: Dice): Drawn => ({
    ...{ managers: 1, workers: 1, faultsMs: 60_000 },
    operations: [
      [1000, web()],
      [20_000, scale(5)],
      [40_000, scale(2)],
    ],
    faults: [1000, 20_000, 40_000].map((atMs) => down('crash', 'm1', atMs + dice(5, 400), 3000)),
  }),

  /** A manager stays behind so far that only a snapshot brings it forward, over links that lose things. */
  snapshots: (dice: Dice): Drawn => ({
    ...{ managers: 3, workers: 1, faultsMs: 150_000 },
    swarm: { snapshotInterval: 6, keepEntries: 1 },
    operations: [
      [1000, web({ update: { parallelism: 0 } })],
      ...[15, 25, 35, 45, 60, 75, 90, 105].map((atS, at): At => [
        atS * 1000,
        update('web', at % 2 === 0 ? 'v2' : 'v1'),
      ]),
    ],
    faults: [10_000, 50_000, 80_000, 110_000].flatMap((atMs) => [
      down('crash', 'm3', atMs + dice(0, 2000), dice(8000, 15_000)),
      away(`m${dice(2, 3)}`, atMs + dice(12_000, 16_000), dice(20, 3000)),
    ]),
  }),

  /** Managers become workers and managers again. */
  roles: (dice: Dice): Drawn => ({
    ...{ managers: 3, workers: 1, faultsMs: 200_000 },
    operations: [
      [7000, web({ constraints: ['node.role==manager'], replicas: 4 })],
      [15_000, { do: 'demote', node: 'm3' }],
      [45_000, { do: 'promote', node: 'm3' }],
      [90_000, { do: 'demote', node: `m${dice(2, 3)}` }],
      [125_000, { do: 'promote', node: 'w1' }],
      [160_000, { do: 'demote', node: 'w1' }],
    ],
  }),

  /** Nodes are removed while they are up, a raft member among them. */
  removals: (dice: Dice): Drawn => ({
    ...{ managers: 3, workers: 2, faultsMs: 60_000 },
    operations: [
      [1000, web()],
      [dice(12_000, 15_000), { do: 'remove-node', node: 'w2', force: true }],
      [dice(20_000, 30_000), { do: 'remove-node', node: 'm3', force: true }, 'm1'],
    ],
  }),

  /** One node is drained. */
  drained: (dice: Dice): Drawn => ({
    ...{ managers: 1, workers: 2, faultsMs: 20_000 },
    operations: [
      [1000, web({ replicas: 4 })],
      [dice(8000, 12_000), available('w1', 'drain')],
    ],
  }),

  /** Nodes are drained, paused, lost and come back, under a service of each mode. */
  nodes: (dice: Dice): Drawn => ({
    ...{ managers: 1, workers: 3, faultsMs: 150_000 },
    operations: [
      [1000, web({ replicas: 4 })],
      [1500, everywhere()],
      [10_000, available('w1', 'drain')],
      [20_000, scale(6)],
      [22_000, available('w2', 'pause')],
      [30_000, scale(8)],
      [40_000, update('all', 'v2')],
      [dice(41_000, 60_000), available('w2', 'active')],
      [
        dice(62_000, 65_000),
        { do: 'create', service: { service: 'late', image: 'v1', replicas: 3 } },
      ],
    ],
    faults: [down('crash', 'w3', 70_000, 40_000), down('stop', 'w2', 75_000, dice(15_000, 30_000))],
  }),

  /** Tasks end, are scaled away and updated while they wait. */
  restarts: (dice: Dice): Drawn => ({
    ...{ managers: 1, workers: 2, faultsMs: 60_000 },
    swarm: { historyLimit: dice(1, 2) },
    operations: [
      [1000, web({ restart: { delayS: dice(3, 8) }, replicas: 4 })],
      [1100, { do: 'create', service: { service: 'bad', image: 'exit1', replicas: 2 } }],
      [dice(10_000, 13_000), scale(1)],
      [dice(20_000, 25_000), scale(4)],
      [dice(30_000, 50_000), update('web', 'v2')],
    ],
    faults: [
      ...[8000, 26_000, 36_000].map((atMs) => down('crash', 'w1', atMs, dice(2000, 6000))),
      ...[9000, 12_000, 40_000].map((atMs, pick): PlannedFault => ({
        ...{ kind: 'exit', service: 'web', pick, code: 1, atMs, forMs: 1 },
      })),
    ],
  }),

  /** Tasks that end, under every restart policy, and tasks that find no node. */
  policies: (dice: Dice): Drawn => ({
    ...{ managers: 1, workers: 1, faultsMs: 40_000 },
    operations: [
      [1000, service('once', 'exit1', { condition: 'none', delayS: 1 })],
      [1500, service('well', 'exit0-later', { condition: 'on-failure', delayS: 1 })],
      [2000, service('thrice', 'exit1', { maxAttempts: dice(1, 3), delayS: 1 })],
      [2500, web({ service: 'nowhere', constraints: ['node.labels.none==1'] })],
    ],
  }),

  /** Updates, rollbacks and a failing update. */
  updates: (dice: Dice): Drawn => ({
    ...{ managers: 1, workers: 2, faultsMs: 120_000 },
    swarm: { historyLimit: 1 },
    operations: [
      [1000, web({ replicas: 4, update: { parallelism: dice(1, 2), delayS: 1 } })],
      [8000, update('web', 'v2')],
      [dice(9000, 12_000), scale(5)],
      [40_000, { do: 'rollback', service: 'web' }],
      [70_000, { do: 'rollback', service: 'web' }],
      [95_000, { do: 'update', service: 'web', change: { force: true } }],
    ],
  }),

  /** An update that fails and goes back by itself. */
  'failing-update': (): Drawn => ({
    ...{ managers: 1, workers: 2, faultsMs: 60_000 },
    operations: [
      [1000, web({ replicas: 2, update: { failureAction: 'rollback', monitorS: 8 } })],
      [8000, scale(4)],
      [15_000, { do: 'update', service: 'web', change: { image: 'exit1' } }],
    ],
  }),

  /** Two clients write on the same version. */
  rivals: (dice: Dice): Drawn => ({
    ...{ managers: 3, workers: 0, faultsMs: 40_000 },
    operations: [
      [1000, web()],
      ...[8000, 14_000, 20_000, 26_000].flatMap((atMs): At[] => [
        [atMs, scale(dice(1, 3)), 'm1'],
        [atMs, update('web', 'v2'), 'm2'],
        [atMs, scale(dice(4, 6)), 'm3'],
      ]),
    ],
  }),

  /** A follower is cut off for long, and clients read from it. */
  'follower-away': (dice: Dice): Drawn => ({
    ...{ managers: 3, workers: 0, faultsMs: 100_000 },
    operations: [
      [1000, web()],
      [12_000, scale(5), 'm1'],
      ...[50_000, 60_000].map((atMs): At => [atMs + dice(0, 5000), scale(4), 'm3']),
    ],
    faults: [away('m3', 10_000, 80_000)],
  }),

  /** Too few managers are left, and clients go on asking. */
  'quorum-lost': (dice: Dice): Drawn => ({
    ...{ managers: 3, workers: 1, faultsMs: 120_000 },
    operations: [
      [1000, web()],
      ...[25_000, 50_000, 60_000, 70_000].map((atMs): At => [atMs + dice(0, 3000), scale(4)]),
      [95_000, scale(2)],
    ],
    faults: [
      down('crash', 'm2', 10_000 + dice(0, 2000), 70_000),
      down('crash', 'm3', 10_000 + dice(0, 2000), 70_000),
    ],
  }),

  /** Start-first, in which two tasks of a slot may run. */
  'start-first': (): Drawn => ({
    ...{ managers: 1, workers: 2, faultsMs: 30_000 },
    operations: [[1000, web({ update: { order: 'start-first' } })]],
  }),
} as const;
