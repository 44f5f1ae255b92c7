import { SwarmtwinError } from '../model/errors.ts';

/** The number that an option gives, from 1 to `most`; `otherwise` where it is not given. Errors: `bad-usage`. */
export function wholeNumber(
  option: string,
  text: string | undefined,
  otherwise: number,
  most: number,
): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new SwarmtwinError(
    'bad-usage',
    `${option} ${text} is no number that can be played`,
    `Give a whole number from 1 to ${most}.`,
  );
}
