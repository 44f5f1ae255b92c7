import type { PlayedMutant } from './mutant.ts';

const CONTROL = 'src/swarm/control/named-data.ts';
const FILES = 'src/swarm/agent/task-files.ts';
const SCENE = 'files-in-memory';

/** Twins that show, lose or misplace secrets and configs: the claims of C see them. */
export const SECRET_MUTANTS: readonly PlayedMutant[] = [
  {
    name: 'inspects-the-secret',
    wrong: "a secret's data are shown to whoever inspects it",
    patches: [
      {
        file: CONTROL,
        find: "done(ok(withoutData(resolveData(read, 'secret', request.ref))));",
        replace: "done(ok(resolveData(read, 'secret', request.ref)));",
      },
    ],
    fails: { C1: SCENE },
  },
  {
    name: 'lists-the-secrets',
    wrong: "secrets' data are shown to whoever lists them",
    patches: [
      {
        file: CONTROL,
        find: "done(ok(list(read.all('secret'), request.filters).map(withoutData)));",
        replace: "done(ok(list(read.all('secret'), request.filters)));",
      },
    ],
    fails: { C1: SCENE },
  },
  {
    name: 'under-its-own-name',
    wrong: 'a secret has its own name in the task, whatever name was asked for',
    patches: [
      {
        file: FILES,
        find: '...Secrets.flatMap(({ SecretID: id, File: file }): Reference[] =>',
        replace:
          '...Secrets.map((each) => ({ ...each, ...(each.File === undefined ? {} : { File: { ...each.File, Name: each.SecretName } }) })).flatMap(({ SecretID: id, File: file }): Reference[] =>',
      },
    ],
    fails: { C2: SCENE },
  },
  {
    name: 'readable-for-all',
    wrong: "the mode that was asked for a secret's file is lost",
    patches: [
      {
        file: FILES,
        find: 'mode: file.Mode & PERMISSIONS,',
        replace: 'mode: PERMISSIONS & 0o444,',
      },
    ],
    fails: { C2: SCENE },
  },
  {
    name: 'empty-files',
    wrong: 'a task finds its secrets and configs empty',
    patches: [
      {
        file: FILES,
        find: 'data: payloadOf(kind, id, task, dependencies),',
        replace: 'data: payloadOf(kind, id, task, dependencies).slice(0, 0),',
      },
    ],
    fails: { C2: SCENE, C3: SCENE },
  },
  {
    name: 'hides-the-config',
    wrong: "a config's data are shown to nobody",
    patches: [
      {
        file: CONTROL,
        find: "done(ok(resolveData(read, 'config', request.ref)));",
        replace:
          "const config = resolveData(read, 'config', request.ref);\n      const { Data, ...spec } = config.spec;\n      done(ok({ ...config, spec: Data === undefined ? config.spec : spec }));",
      },
    ],
    fails: { C3: SCENE },
  },
  {
    name: 'in-use-and-removed',
    wrong: 'a secret or config that a service uses is removed',
    patches: [
      { file: CONTROL, find: 'if (users.length > 0) {', replace: 'if (users.length > 9) {' },
    ],
    fails: { C4: SCENE },
  },
];
