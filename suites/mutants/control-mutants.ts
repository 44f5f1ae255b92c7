import type { PlayedMutant } from './mutant.ts';

/** Twins that answer wrongly when managers are lost, and lose or fill slots wrongly: the claims of Q and R see them. */
export const CONTROL_MUTANTS: readonly PlayedMutant[] = [
  {
    name: 'half-is-enough',
    wrong: 'half of the managers, or less, count as a majority',
    patches: [
      {
        file: 'src/raft/quorum.ts',
        find: 'return (count >> 1) + 1;',
        replace: 'return Math.max(1, count >> 1);',
      },
    ],
    fails: { Q9: 'five-managers' },
  },
  {
    name: 'refill-without-quorum',
    wrong:
      'a manager that is left alone goes on as leader and fills slots, though it answers nobody',
    patches: [
      {
        file: 'src/raft/quorum.ts',
        find: 'return (count >> 1) + 1;',
        replace: 'return Math.max(1, count >> 1);',
      },
      {
        file: 'src/swarm/manager/manager.ts',
        find: 'ticksSinceLeader: () => this.#status.ticksSinceLeader,',
        replace:
          'ticksSinceLeader: () => this.members().filter((each) => this.isReachable(each)).length * 2 > this.members().length ? this.#status.ticksSinceLeader : 99,',
      },
    ],
    fails: { Q4: 'two-managers-leader-stops' },
  },
  {
    name: 'all-must-agree',
    wrong: 'a majority is everybody',
    patches: [
      { file: 'src/raft/quorum.ts', find: 'return (count >> 1) + 1;', replace: 'return count;' },
    ],
    fails: { Q7: 'three-managers-leader-stops', Q9: 'five-managers' },
  },
  {
    name: 'no-votes',
    wrong: 'a member votes for nobody but itself',
    patches: [
      {
        file: 'src/raft/follower.ts',
        find: 'const granted = free && core.log.isUpToDate(message.index, message.logTerm);',
        replace: 'const granted = free && core.log.isUpToDate(message.index, -message.logTerm);',
      },
    ],
    fails: { Q5: 'two-managers-leader-stops', Q7: 'three-managers-leader-stops' },
  },
  {
    name: 'another-error',
    wrong: 'whoever asks without a leader is told something else',
    patches: [
      {
        file: 'src/swarm/manager/request-router.ts',
        find: '"The swarm does not have a leader. It\'s possible that too few managers are online. Make sure more than half of the managers are online."',
        replace: "'rpc error: there is no leader'",
      },
    ],
    fails: { Q1: 'two-managers-leader-stops', Q2: 'two-managers-follower-stops' },
  },
  {
    name: 'stop-without-manager',
    wrong: 'an agent that has lost its manager for 3 s removes a task',
    patches: [
      {
        file: 'src/swarm/agent/agent.ts',
        find: '      failed: (error) => {\n        this.#closeSession();',
        replace:
          '      failed: (error) => {\n        if (this.#registered) this.#ports.timers.after(3000, () => { this.#table.leaveOne(); });\n        this.#closeSession();',
      },
      {
        file: 'src/swarm/agent/task-table.ts',
        find: '  #withdraw(id: string): void {',
        replace:
          '  leaveOne(): void {\n    const [id] = this.#runs.keys();\n    if (id !== undefined) this.#withdraw(id);\n  }\n\n  #withdraw(id: string): void {',
      },
    ],
    fails: { Q3: 'two-managers-leader-stops', R5: 'leader-cut-off' },
  },
  {
    name: 'exit-code-ignored',
    wrong: 'an agent takes every end of a container for a good one',
    patches: [
      {
        file: 'src/swarm/agent/task-run.ts',
        find: "if (exitErr !== '') this.#fail(exitErr);",
        replace: "if (exitErr === '-') this.#fail(exitErr);",
      },
    ],
    fails: { Q6: 'two-managers-leader-stops', R3: 'leader-killed', R4: 'worker-lost-and-cut-off' },
  },
  {
    name: 'down-without-unknown',
    wrong: 'a new leader believes of all nodes what the old one did',
    patches: [
      {
        file: 'src/swarm/dispatcher/leadership-change.ts',
        find: "status: { ...node.status, state: 'unknown', message },",
        replace: 'status: { ...node.status, message },',
      },
    ],
    fails: { Q7: 'three-managers-leader-stops' },
  },
  {
    name: 'never-unreachable',
    wrong: 'every manager is called reachable',
    patches: [
      {
        file: 'src/swarm/manager/manager.ts',
        find: "reachability: this.isReachable(member) ? 'reachable' : 'unreachable',",
        replace: "reachability: member.raftId === '' ? 'unreachable' : 'reachable',",
      },
    ],
    fails: { Q7: 'three-managers-leader-stops' },
  },
  {
    name: 'nothing-is-handed-on',
    wrong: 'a manager that does not lead hands nothing on to the leader',
    patches: [
      {
        file: 'src/swarm/manager/request-router.ts',
        find: '} else if (member !== null && leader.isReachable(member)) this.#forward(member);',
        replace: '} else if (member !== null) this.finish(failed(lostQuorum()));',
      },
    ],
    fails: { Q11: 'three-managers-leader-stops' },
  },
  {
    name: 'down-is-no-matter',
    wrong: 'tasks of a node that is down are not replaced',
    patches: [
      {
        file: 'src/swarm/orchestrator/slot.ts',
        find: "node === undefined || node.status.state === 'down' || node.spec.Availability === 'drain';",
        replace: "node === undefined || node.spec.Availability === 'drain';",
      },
    ],
    fails: { R1: 'leader-killed', R5: 'worker-lost-and-cut-off' },
  },
  {
    name: 'another-slot',
    wrong: 'what replaces a task is put in another slot',
    patches: [
      {
        file: 'src/swarm/orchestrator/restart-supervisor.ts',
        find: "draftTask(this.#ports, clusterOf(transaction), service, placeOf(service, task), 'ready'),",
        replace:
          "draftTask(this.#ports, clusterOf(transaction), service, { ...placeOf(service, task), slot: task.slot + 7 }, 'ready'),",
      },
    ],
    fails: { R4: 'worker-lost-and-cut-off' },
  },
  {
    name: 'end-unnoticed',
    wrong: 'an agent does not wait for its containers to end',
    patches: [
      {
        file: 'src/swarm/agent/task-run.ts',
        find: '          if (!result.ok) done(result);\n          else done(ok({ container: result.value.container, exitErr: result.value.err }));',
        replace: '          if (!result.ok) done(result);',
      },
    ],
    fails: { Q6: 'two-managers-leader-stops', R4: 'worker-lost-and-cut-off' },
  },
  {
    name: 'any-version-will-do',
    wrong: 'a service is written whatever version the client has read',
    patches: [
      {
        file: 'src/swarm/control/services.ts',
        find: 'const meta = { ...service.meta, version: request.version };',
        replace: 'const meta = { ...service.meta, version: Math.max(service.meta.version, -1) };',
      },
    ],
    fails: { L1: 'clients-at-work' },
  },
  {
    name: 'window-forgets-nothing',
    wrong: 'all restarts of a slot count, however long ago they were',
    patches: [
      {
        file: 'src/swarm/orchestrator/restart-history.ts',
        find: 'if (windowMs === 0) return restarts.total < limit;',
        replace: 'if (windowMs < Infinity) return restarts.total < limit;',
      },
    ],
    fails: { R6: 'restart-policies' },
  },
  {
    name: 'takes-in-whomever',
    wrong: 'a manager is taken in without a look whether it can be reached',
    patches: [
      {
        file: 'src/swarm/manager/member-changes.ts',
        find: '      if (!health.ok) {',
        replace: "      if (!health.ok && candidate.addr === '') {",
      },
    ],
    fails: { Q10: 'unreachable-joiner' },
  },
];
