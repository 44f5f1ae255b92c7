import { describe, expect, test } from '@jest/globals';
import { Linter } from 'eslint';
import type { Linter as Lint } from 'eslint';
import { DRY_ROOMS } from './rooms.mjs';

const { default: config } = (await import(
  new URL('../eslint.config.js', import.meta.url).href
)) as { default: readonly Lint.Config[] };

/** What `npm run check` says of a line in a dry room. */
function complaints(room: string, line: string): readonly string[] {
  const rules = config.find((part) => part.files?.includes(`src/${room}/**/*.ts`))?.rules;
  expect(rules).toBeDefined();
  return new Linter()
    .verify(line, [{ files: ['**/*.js'], rules: rules ?? {} }], { filename: 'line.js' })
    .map(({ ruleId, message }) => `${ruleId ?? 'syntax'}: ${message}`);
}

const FORBIDDEN: readonly (readonly [string, string])[] = [
  ['the real clock', 'export const now = Date.now();'],
  ['the real clock by a formatter', 'export const now = new Intl.DateTimeFormat().format();'],
  ['the real clock by the global object', 'export const now = globalThis["Date"].now();'],
  ['a monotonic clock', 'export const now = performance.now();'],
  ['chance', 'export const roll = Math.random();'],
  ['chance from the engine', 'export const roll = crypto.randomUUID();'],
  ['a timer', 'setTimeout(() => 1, 1);'],
  ['a repeated timer', 'setInterval(() => 1, 1);'],
  ['the next turn', 'setImmediate(() => 1);'],
  ['a microtask', 'queueMicrotask(() => 1);'],
  ['a promise', 'Promise.resolve();'],
  ['an async function', 'export async function later() { return 1; }'],
  ['an await', 'await 1;'],
  ['an async iteration', 'for await (const one of many) one();'],
  ['a module of Node', 'import { readFileSync } from "node:fs"; readFileSync("x");'],
  ['a late import', 'import("node:fs");'],
  ['the process', 'export const id = process.pid;'],
  ['the console', 'console.log(1);'],
  ['the time of reclaimed memory', 'new FinalizationRegistry(() => 1);'],
];

describe.each(DRY_ROOMS)('in src/%s', (room) => {
  test.each(FORBIDDEN)('%s is refused', (_what, line) => {
    expect(complaints(room, line)).not.toEqual([]);
  });
  test('a plain line is not refused', () => {
    expect(complaints(room, 'export const sum = (a, b) => a + Math.max(a, b);')).toEqual([]);
  });
});
