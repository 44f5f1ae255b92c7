import type { HuntedMutant } from './mutant.ts';

const CONVERGES = { converges: 'what it breaks keeps the swarm from coming to rest' };

/** What goes wrong in consensus. */
export const RAFT_MUTANTS: readonly HuntedMutant[] = [
  {
    name: 'too-few-votes',
    wrong: 'a candidate wins with its own vote',
    patches: [
      {
        file: 'src/raft/quorum.ts',
        find: 'const needed = majority(members.length);',
        replace: 'const needed = Math.min(1, majority(members.length));',
      },
    ],
    breaks: 'one-leader-per-term',
    deafTo: ['votes-on-disk', 'commit-on-majority', 'leader-completeness', 'one-vote-per-term'],
    hunt: 'leader-away',
    within: 5,
  },
  {
    name: 'vote-twice',
    wrong: 'a member gives its vote to everybody who asks',
    patches: [
      {
        file: 'src/raft/follower.ts',
        find: "core.vote === message.from || (core.vote === '' && core.leader === '')",
        replace: "core.leader === ''",
      },
    ],
    breaks: 'one-vote-per-term',
    hunt: 'elections',
    within: 20,
  },
  {
    name: 'forget-vote-at-restart',
    wrong: 'a member that starts again has forgotten whom it voted for',
    patches: [
      {
        file: 'src/raft/core.ts',
        find: "this.vote = this.term === term ? vote : '';",
        replace: "this.vote = this.term === term && vote === '-' ? vote : '';",
      },
    ],
    breaks: 'one-vote-per-term',
    hunt: 'elections',
    within: 20,
  },
  {
    name: 'vote-before-fsync',
    wrong: 'a vote is answered before it is on the disk',
    patches: [
      {
        file: 'src/raft/replica.ts',
        find: 'mustSync: newVote || log.hasUnstable',
        replace: 'mustSync: (newVote && log.hasUnstable) || log.hasUnstable',
      },
    ],
    breaks: 'votes-on-disk',
    hunt: 'elections',
    within: 5,
  },
  {
    name: 'answer-before-fsync',
    wrong: 'a follower answers before its entries are on the disk',
    patches: [
      {
        file: 'src/raft/replica.ts',
        find: 'mustSync: newVote || log.hasUnstable',
        replace: 'mustSync: newVote || (newVote && log.hasUnstable)',
      },
    ],
    breaks: 'commit-on-majority',
    hunt: 'leader-away',
    within: 2,
  },
  {
    name: 'commit-without-quorum',
    wrong: 'a leader commits what only it has: a slot is refilled without a quorum',
    patches: [
      {
        file: 'src/raft/leadership.ts',
        find: 'const reached = majorityIndex(matches);',
        replace: 'const reached = Math.max(log.stable, majorityIndex(matches));',
      },
    ],
    breaks: 'commit-on-majority',
    hunt: 'quorum-lost',
    within: 2,
  },
  {
    name: 'older-term-by-counting',
    wrong: 'a leader commits an entry of an older term by counting its copies',
    patches: [
      {
        file: 'src/raft/leadership.ts',
        find: 'if (!log.matches(reached, term) || !log.commitTo(reached)) return false;',
        replace: 'if (!log.commitTo(reached)) return false;',
      },
    ],
    breaks: 'commit-of-own-term',
    hunt: 'alone',
    within: 10,
  },
  {
    name: 'no-check-quorum',
    wrong: 'a leader does not look whether anybody follows it',
    patches: [
      {
        file: 'src/raft/leadership.ts',
        find: 'return !config.checkQuorum || active >= majority(members.length);',
        replace: 'return !config.checkQuorum || active >= majority(members.length) - 9;',
      },
    ],
    breaks: 'deposed-leader-steps-down',
    hunt: 'leader-away',
    within: 2,
    fails: { Q2: 'two-managers-follower-stops', Q8: 'leader-cut-off', L2: 'clients-at-work' },
  },
  {
    name: 'older-term-obeyed',
    wrong: 'a member goes back to the term of whoever speaks to it',
    patches: [
      {
        file: 'src/raft/replica.ts',
        find: 'if (message.term < core.term) {',
        replace: 'if (message.term < 0) {',
      },
      {
        file: 'src/raft/replica.ts',
        find: 'if (message.term > core.term) {',
        replace: 'if (message.term !== core.term) {',
      },
    ],
    breaks: 'term-never-back',
    hunt: 'leader-away',
    within: 5,
  },
  {
    name: 'no-log-check',
    wrong: 'a follower takes entries without looking whether they fit on its log',
    patches: [
      {
        file: 'src/raft/follower.ts',
        find: '} else if (log.matches(message.index, message.logTerm)) {',
        replace: '} else if (log.termAt(message.index) !== null) {',
      },
    ],
    given: [
      {
        file: 'src/simulator/explore/play-plan.ts',
        find: '    this.#found();',
        replace: '    this.#found();\n    this.#world.network.delayMs = 900;',
      },
      {
        file: 'src/simulator/explore/play-plan.ts',
        find: '    this.#nemesis.healAll();',
        replace: '    this.#nemesis.healAll();\n    this.#world.network.delayMs = 1;',
      },
    ],
    breaks: 'log-matching',
    hunt: 'leader-after-leader',
    within: 30,
    first: 12,
  },
  {
    name: 'keep-what-differs',
    wrong: 'a follower keeps entries of its own where those of the leader differ',
    patches: [
      {
        file: 'src/raft/log.ts',
        find: 'if (this.matches(entry.index, entry.term)) continue;',
        replace: 'if (this.termAt(entry.index) !== null) continue;',
      },
    ],
    breaks: 'log-matching',
    hunt: 'leader-away',
    within: 2,
  },
  {
    name: 'vote-for-shorter-log',
    wrong: 'a member votes without comparing logs',
    patches: [
      {
        file: 'src/raft/follower.ts',
        find: 'const granted = free && core.log.isUpToDate(message.index, message.logTerm);',
        replace: 'const granted = free;',
      },
    ],
    breaks: 'leader-completeness',
    hunt: 'follower-away',
    within: 20,
  },
  {
    name: 'commit-what-may-differ',
    wrong: 'a heartbeat commits more than the follower is known to share',
    patches: [
      {
        file: 'src/raft/leadership.ts',
        find: 'const commit = Math.min(progress.match, log.commit);',
        replace: 'const commit = Math.max(progress.match, log.commit);',
      },
    ],
    breaks: 'state-machine-safety',
    hunt: 'leader-away',
    within: 20,
  },
  {
    name: 'snapshot-backwards',
    wrong: 'a follower applies a snapshot that is older than what it has',
    patches: [
      {
        file: 'src/raft/follower.ts',
        find: '  if (index > log.commit) {',
        replace: '  if (index > 0) {',
      },
      {
        file: 'src/raft/follower.ts',
        find: '    if (log.matches(index, term)) {\n      log.commitTo(index);',
        replace:
          '    if (log.matches(index, term) && index > log.commit) {\n      log.commitTo(index);',
      },
    ],
    given: [
      {
        file: 'src/raft/leadership.ts',
        find: "    this.#core.send({ type: 'snap', to, from: id, term, snapshot });",
        replace:
          "    this.#core.send({ type: 'snap', to, from: id, term, snapshot });\n    const held = this.#core as never as { again?: never };\n    if (held.again !== undefined) this.#core.send({ type: 'snap', to, from: id, term, snapshot: held.again });\n    held.again = snapshot as never;",
      },
    ],
    breaks: 'commit-never-back',
    hunt: 'snapshots',
    within: 40,
  },
  {
    name: 'reuse-raft-id',
    wrong: 'a raft id is drawn from few, and those of removed members are given out again',
    patches: [
      {
        file: 'src/swarm/manager/member-changes.ts',
        find: "if (raftId !== '0' && !taken(raftId)) return raftId;",
        replace:
          "const few = String((((high << 32n) | low) % 4n) + 1n);\n    if (raftId !== '0' && !taken(few)) return few;",
      },
      {
        file: 'src/swarm/manager/member-changes.ts',
        find: 'this.#membership.get(raftId) !== undefined || this.#membership.isRemoved(raftId),',
        replace: 'this.#membership.get(raftId) !== undefined,',
      },
    ],
    breaks: 'raft-id-once',
    hunt: 'roles',
    within: 10,
  },
  {
    name: 'version-of-the-one-before',
    wrong: 'a transaction that follows at once has the version of the one before it',
    patches: [
      {
        file: 'src/swarm/manager/manager.ts',
        find: 'commitIndex: () => this.#raft.commitIndex(),',
        replace: 'commitIndex: () => this.#status.commit,',
      },
    ],
    breaks: 'version-grows',
    hunt: 'rivals',
    within: 5,
  },
  {
    name: 'answer-before-commit',
    wrong: 'a new service is acknowledged before it is committed',
    patches: [
      {
        file: 'src/swarm/control/services.ts',
        find: 'return { id };\n  }, done);',
        replace: 'return { id };\n  });\n  done({ ok: true, value: { id } });',
      },
    ],
    breaks: 'acknowledged-is-committed',
    hunt: 'rivals',
    within: 2,
  },
  {
    name: 'stale-version-taken',
    wrong: 'an update of a service is taken on top of any version',
    patches: [
      {
        file: 'src/swarm/control/services.ts',
        find: 'const meta = { ...service.meta, version: request.version };',
        replace: 'const meta = service.meta;',
      },
    ],
    breaks: 'no-stale-version',
    hunt: 'rivals',
    within: 5,
  },
  {
    name: 'follower-answers',
    wrong: 'a manager that knows of no leader answers reads from its own copy',
    patches: [
      {
        file: 'src/swarm/manager/manager.ts',
        find: "if (this.#status.role !== 'leader') {",
        replace: "if (this.#status.role !== 'leader' && !request.method.startsWith('get-')) {",
      },
      {
        file: 'src/swarm/manager/manager.ts',
        find: "isSelf: () => this.#status.role === 'leader',",
        replace: "isSelf: () => this.#status.role === 'leader' || this.#status.leader === '',",
      },
      {
        file: 'src/swarm/manager/request-router.ts',
        find: 'const LOST_QUORUM_TICKS = 10;',
        replace: 'const LOST_QUORUM_TICKS = 10_000;',
      },
    ],
    breaks: 'no-stale-read',
    hunt: 'follower-away',
    within: 5,
  },
  {
    name: 'answer-without-leader',
    wrong: 'a manager without a quorum answers reads from its own copy',
    patches: [
      {
        file: 'src/swarm/manager/manager.ts',
        find: "if (this.#status.role !== 'leader') {",
        replace: "if (this.#status.role !== 'leader' && !request.method.startsWith('get-')) {",
      },
      {
        file: 'src/swarm/manager/manager.ts',
        find: "isSelf: () => this.#status.role === 'leader',",
        replace: "isSelf: () => this.#status.role === 'leader' || this.#status.leader === '',",
      },
      {
        file: 'src/swarm/manager/request-router.ts',
        find: 'const LOST_QUORUM_TICKS = 10;',
        replace: 'const LOST_QUORUM_TICKS = 10_000;',
      },
    ],
    breaks: 'no-answer-without-leader',
    hunt: 'quorum-lost',
    within: 5,
  },
  {
    name: 'snapshot-without-services',
    wrong: 'whoever takes a snapshot in keeps the services it had',
    patches: [
      {
        file: 'src/swarm/tables.ts',
        find: '      for (const object of data[kind])',
        replace: "      for (const object of kind === 'node' ? [] : data[kind])",
      },
    ],
    breaks: 'stores-agree',
    also: CONVERGES,
    hunt: 'snapshots',
    within: 5,
  },
];
