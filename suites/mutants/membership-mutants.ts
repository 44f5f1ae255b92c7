import type { PlayedMutant } from './mutant.ts';

const CONTROL = 'src/swarm/control/nodes.ts';
const JOINING = 'founding-joining-leaving';
const ROLES = 'promoting-demoting';

const CLOCKS = 'clocks-apart';

/** Twins that take nodes in, let them go or give them roles wrongly: the claims of M see them. */
export const MEMBERSHIP_MUTANTS: readonly PlayedMutant[] = [
  {
    name: 'clocks-believed',
    wrong: 'a task is replaced no sooner than what its own node wrote of the time',
    patches: [
      {
        file: 'src/swarm/orchestrator/restart-supervisor.ts',
        find: "=== 'drain' ? 0 : restartDelayMs(task);",
        replace:
          "=== 'drain' ? 0 : Math.max(restartDelayMs(task), task.status.timestamp - this.#ports.clock.now());",
      },
    ],
    fails: { M10: CLOCKS },
  },
  {
    name: 'nowhere-to-join',
    wrong: 'a manager does not name itself among those to join at',
    patches: [
      {
        file: 'src/swarm/node/node-info.ts',
        find: 'remoteManagers: managers.map(',
        replace:
          'remoteManagers: managers.filter((peer) => peer.nodeId !== state?.identity.nodeId).map(',
      },
    ],
    fails: { M1: JOINING, M6: JOINING },
  },
  {
    name: 'init-says-nothing',
    wrong: 'whoever founds a swarm is not told the id of its node',
    patches: [
      {
        file: 'src/engine-api/swarm-routes.ts',
        find: '        reply.json(nodeId, STRING);',
        replace: '        reply.json(nodeId.slice(0, 0), STRING);',
      },
    ],
    fails: { M1: JOINING },
  },
  {
    name: 'any-token-is-a-workers',
    wrong: "the manager's token lets a node in as a worker",
    patches: [
      {
        file: 'src/swarm/manager/certificate-authority.ts',
        find: "if (this.#authority.sameToken(token, tokens.manager)) return 'manager';",
        replace: "if (this.#authority.sameToken(token, tokens.manager)) return 'worker';",
      },
    ],
    fails: { M2: JOINING },
  },
  {
    name: 'old-tokens-live-on',
    wrong: 'a token from before a rotation still lets nodes in',
    patches: [
      {
        file: 'src/swarm/manager/certificate-authority.ts',
        find: "return this.#authority.sameToken(token, tokens.worker) ? 'worker' : null;",
        replace:
          "return this.#authority.sameToken(token.slice(0, 60), tokens.worker.slice(0, 60)) ? 'worker' : null;",
      },
    ],
    fails: { M2: JOINING },
  },
  {
    name: 'rotates-nothing',
    wrong: 'a rotation leaves the token as it is',
    patches: [
      {
        file: 'src/swarm/control/cluster.ts',
        find: 'worker: request.rotateWorkerToken ? context.newJoinToken(cluster) : worker,',
        replace: 'worker: request.rotateWorkerToken ? worker : worker,',
      },
    ],
    fails: { M2: JOINING },
  },
  {
    name: 'demoted-in-name-only',
    wrong: 'a demoted node stays a member and is shown as a reachable manager',
    patches: [
      {
        file: CONTROL,
        find: "const manager = node.role === 'manager' ? members.statusOf(node.id) : undefined;",
        replace:
          "const manager = node.role === 'manager' || node.description?.hostname === 'n1' ? (members.statusOf(node.id) ?? { leader: false, reachability: 'reachable' as const, addr: '' }) : undefined;",
      },
    ],
    fails: { M3: ROLES },
  },
  {
    name: 'a-new-role-ends-tasks',
    wrong: 'the tasks of a node that is given another role are restarted',
    patches: [
      {
        file: 'src/swarm/orchestrator/slot.ts',
        find: "node === undefined || node.status.state === 'down' || node.spec.Availability === 'drain';",
        replace:
          "node === undefined || node.status.state === 'down' || node.spec.Availability === 'drain' || node.spec.Role !== node.role;",
      },
    ],
    fails: { M3: ROLES },
  },
  {
    name: 'last-manager-may-go',
    wrong: 'the last manager can be demoted',
    patches: [
      {
        file: CONTROL,
        find: '  if (managers.length === 1) {',
        replace: '  if (managers.length === 0) {',
      },
    ],
    fails: { M4: ROLES },
  },
  {
    name: 'up-and-removed',
    wrong: 'a node that is up is removed without force',
    patches: [
      {
        file: CONTROL,
        find: "    if (!request.force && node.status.state === 'ready') {",
        replace: "    if (!request.force && node.status.state === 'unknown') {",
      },
    ],
    fails: { M5: JOINING },
  },
  {
    name: 'leaves-without-force',
    wrong: 'a manager leaves without being forced to',
    patches: [
      {
        file: 'src/engine-api/leave.ts',
        find: "  if (force || node.role() !== 'manager' || isOnlyNamed) {",
        replace: '  if (force || node.managerReady() || isOnlyNamed) {',
      },
    ],
    fails: { M5: JOINING },
  },
  {
    name: 'small-subnets',
    wrong: 'a swarm for which no subnet size was asked has /28',
    patches: [
      {
        file: 'src/swarm/manager/leader.ts',
        find: 'const DEFAULT_SUBNET_SIZE = 24;',
        replace: 'const DEFAULT_SUBNET_SIZE = 28;',
      },
    ],
    fails: { M6: JOINING },
  },
  {
    name: 'workers-claim-control',
    wrong: 'a worker says that it has control over the swarm',
    patches: [
      {
        file: 'src/swarm/node/node-info.ts',
        find: "    controlAvailable: manager !== null && localState === 'active',",
        replace: "    controlAvailable: localState === 'active',",
      },
    ],
    fails: { M6: JOINING },
  },
  {
    name: 'a-worker-in-no-swarm',
    wrong: 'a worker refuses as if it were in no swarm',
    patches: [
      {
        file: 'src/engine-api/not-manager.ts',
        find: "  return node.role() === 'manager' ? PREPARING : WORKER;",
        replace: "  return node.role() === 'manager' ? PREPARING : NO_SWARM;",
      },
    ],
    fails: { M7: JOINING },
  },
  {
    name: 'labels-overlooked',
    wrong: 'constraints on labels of nodes are no matter',
    patches: [
      {
        file: 'src/swarm/constraint.ts',
        find: '  return constraints.every((constraint) => {',
        replace:
          "  return constraints.every((constraint) => {\n    if (constraint.key.startsWith('node.labels.')) return true;",
      },
    ],
    fails: { M9: JOINING },
  },
];
