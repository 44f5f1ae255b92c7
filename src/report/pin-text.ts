import type { Follows, Pin } from '../model/verdict.ts';

const HALVES: Readonly<Record<Follows, string>> = {
  manager: 'follows the manager',
  agent: 'follows the agent',
  each: 'follows the manager and the agent, each by itself',
  both: 'needs the manager and the agent together',
  unknown: 'cannot be pinned on the manager or the agent',
};

/** `end.web follows the agent: …`. */
export const pinText = ({ what, follows, reason }: Pin): string =>
  `${what} ${HALVES[follows]}: ${reason}`;
