/** The doors between rooms, from the table in tools/rooms.mjs. */
import { DOORS, DRY_ROOMS, ROOMS } from './tools/rooms.mjs';

const rooms = Object.entries(ROOMS).map(([room, { imports, alsoFiles = [] }]) => ({
  name: `door-${room}`,
  comment: `${room} may import ${imports.join(', ') || 'no other room'}`,
  severity: 'error',
  from: { path: `^src/${room}/` },
  to: {
    path: '^(src|suites)/',
    pathNot: [room, ...imports]
      .map((name) => `^src/${name}/`)
      .concat(
        alsoFiles.map((file) => `^src/${file}$`),
        room === 'command' ? ['^suites/scenarios\\.ts$'] : [],
      ),
  },
}));

const doors = Object.entries(DOORS).map(([file, imports]) => ({
  name: `door-${file}`,
  severity: 'error',
  from: { path: `^src/${file}$` },
  to: { path: '^src/', pathNot: imports.map((room) => `^src/${room}/`) },
}));

const dry = DRY_ROOMS.map((room) => ({
  name: `dry-${room}`,
  comment: 'a dry room imports no module of Node and no package',
  severity: 'error',
  from: { path: `^src/${room}/`, pathNot: '\\.test\\.ts$' },
  to: { dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-optional', 'npm-peer'] },
}));

export default {
  forbidden: [
    ...rooms,
    ...doors,
    ...dry,
    {
      name: 'no-circles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'only-doors-to-main',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^src/(main|index)\\.ts$' },
    },
    {
      name: 'no-tests-inside',
      severity: 'error',
      from: { pathNot: '\\.test\\.ts$' },
      to: { path: '\\.test\\.ts$' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default'],
    },
  },
};
