/**
 * The rooms of `src` and what each may import: the one place that says so. The dependency check, the lint rules of the dry rooms and the pure
 * compile all read it. Never widen a list to let a line in; move the line, or write a decision in docs/decisions.
 */
export const ROOMS = {
  model: { dry: true, imports: [] },
  raft: { dry: true, imports: [] },
  swarm: { dry: true, imports: ['model', 'raft'] },
  'engine-api': { dry: true, imports: ['model', 'swarm'] },
  simulator: { dry: true, imports: ['model', 'raft', 'swarm', 'engine-api'] },
  host: { dry: false, imports: ['model', 'raft', 'swarm', 'engine-api'] },
  lab: { dry: false, imports: ['model'] },
  target: { dry: false, imports: ['model', 'swarm', 'engine-api', 'simulator', 'lab'] },
  scenario: { dry: false, imports: ['model'], alsoFiles: ['target/target.ts'] },
  checker: { dry: true, imports: ['model'] },
  report: { dry: true, imports: ['model'] },
  // Runs in a reader's browser, bundled into the report: no Node, but the DOM.
  page: { dry: false, imports: ['model'] },
  bench: { dry: false, imports: ['model', 'raft', 'swarm', 'simulator', 'checker', 'lab'] },
  // One file a command of the front door; it wires the rooms, and only main.ts opens it.
  command: {
    dry: false,
    imports: [
      'model',
      'simulator',
      'lab',
      'target',
      'scenario',
      'checker',
      'report',
      'host',
      'bench',
    ],
  },
  // What other people's tests import, by way of index.ts: the lab, scenarios and claims, ready set up.
  library: {
    dry: false,
    imports: ['model', 'lab', 'target', 'scenario', 'checker', 'command'],
  },
};

/** The doors: files in `src` itself, and the rooms they may open. */
export const DOORS = {
  'main.ts': ['command'],
  'index.ts': ['model', 'scenario', 'target', 'checker', 'lab', 'library'],
};

/** Folders that are compiled with the browser's types, by themselves. */
export const BROWSER_FOLDERS = ['src/page', 'suites/report'];

export const DRY_ROOMS = Object.keys(ROOMS).filter((room) => ROOMS[room].dry);
