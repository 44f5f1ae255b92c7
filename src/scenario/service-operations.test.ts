import { describe, expect, test } from '@jest/globals';
import { logLines } from './service-operations.ts';

const NODE = 'a'.repeat(25);
const TASK = 'b'.repeat(25);
const DETAILS = `com.docker.swarm.node.id=${NODE},com.docker.swarm.service.id=${'c'.repeat(25)},com.docker.swarm.task.id=${TASK}`;

/** A frame as it reads when its bytes are taken for UTF-8: one character for each byte of the head, whatever it is. */
const frame = (text: string, stream = '\u0001'): string =>
  `${stream}\0\0\0\0\0\0${text.length > 127 ? '\ufffd' : String.fromCharCode(text.length)}${text}`;

describe('the logs of a service', () => {
  test('are lines with the node and the task that their details name', () => {
    const text = frame(`${DETAILS} v1 host web.1.${TASK}\n`) + frame(`${DETAILS} more\n`, '\u0002');
    expect(logLines(text)).toEqual([
      { node: NODE, task: TASK, text: `v1 host web.1.${TASK}` },
      { node: NODE, task: TASK, text: 'more' },
    ]);
  });
  test('keep a complaint as a line of nobody', () => {
    const complaint = 'Error grabbing logs: warning';
    expect(logLines(frame(`${DETAILS} v1\n`) + frame(`${complaint}\n`, '\u0003'))).toEqual([
      { node: NODE, task: TASK, text: 'v1' },
      { node: '', task: '', text: complaint },
    ]);
  });
  test('are none where nothing was written', () => {
    expect(logLines('')).toEqual([]);
  });
});
