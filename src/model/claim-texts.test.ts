import { describe, expect, test } from '@jest/globals';
import { FAMILY_TEXTS, claimText } from './claim-texts.ts';
import { CLAIM_IDS } from './scenario.ts';

describe('the sentences of the claims', () => {
  test.each(CLAIM_IDS.map((id) => [id]))('%s is one whole sentence', (id) => {
    expect(claimText(id)).toMatch(/^[`A-Za-z].*\.$/);
    expect(FAMILY_TEXTS[id.charAt(0)]).toBeDefined();
  });
  test('no two claims are told in the same words', () => {
    expect(new Set(CLAIM_IDS.map(claimText)).size).toBe(CLAIM_IDS.length);
  });
});
