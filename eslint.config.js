import tseslint from 'typescript-eslint';
import { DRY_ROOMS } from './tools/rooms.mjs';

const sizes = {
  'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
  'max-lines-per-function': ['error', { max: 70, skipBlankLines: true, skipComments: true }],
};

const dry = {
  'no-restricted-globals': [
    'error',
    'Date',
    // Formats the real time when it is given none.
    'Intl',
    'Promise',
    'setTimeout',
    'setInterval',
    'setImmediate',
    'queueMicrotask',
    'require',
    // Through it every name above could be had.
    'globalThis',
    // Both tell when memory is reclaimed, which no seed decides.
    'WeakRef',
    'FinalizationRegistry',
    'Atomics',
    'console',
    'process',
    'Buffer',
    'fetch',
    'crypto',
    'performance',
  ],
  'no-restricted-properties': [
    'error',
    { object: 'Math', property: 'random', message: 'Chance comes in as `Random`.' },
  ],
  'no-restricted-syntax': [
    'error',
    { selector: ':function[async=true]', message: 'A dry room is synchronous.' },
    { selector: 'AwaitExpression', message: 'A dry room is synchronous.' },
    { selector: 'ForOfStatement[await=true]', message: 'A dry room is synchronous.' },
    { selector: 'ImportExpression', message: 'A dry room is synchronous.' },
    { selector: 'ImportDeclaration[source.value=/^node:/]', message: 'A dry room has no I/O.' },
    { selector: 'TSEnumDeclaration', message: 'Only erasable syntax.' },
  ],
};

export default tseslint.config(
  { ignores: ['node_modules/', 'dist/', 'reports/', 'src/host/wire/gen/', '**/*.js', '**/*.mjs'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      ...sizes,
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      '@typescript-eslint/no-empty-function': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
    },
  },
  { files: DRY_ROOMS.map((room) => `src/${room}/**/*.ts`), ignores: ['**/*.test.ts'], rules: dry },
  {
    files: ['**/*.test.ts'],
    rules: { 'max-lines-per-function': 'off', '@typescript-eslint/no-non-null-assertion': 'off' },
  },
);
