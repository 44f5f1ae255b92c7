import { describe, expect, test } from '@jest/globals';
import { bySide, cutRules, parseChain } from './data-cuts.ts';
import { parseLook } from './fault-cpu.ts';
import { parseSentBytes } from './link-proxies.ts';

describe('what nodes and the proxy tell', () => {
  test('a packet filter tells cuts by fault and sender, and what it let through', () => {
    const chain = parseChain(
      [
        '[3:87] -A SWARMTWIN-CUTS -s 198.18.7.12/32 -p udp -m udp --dport 4789 -m comment --comment f1-a2 -j DROP',
        '[0:0] -A SWARMTWIN-CUTS -s 198.18.7.12/32 -p tcp -m tcp --sport 7946 -m comment --comment "f2-a2" -j DROP',
        '[5:145] -A SWARMTWIN-CUTS -s 198.18.7.13/32 -p udp -m udp --dport 4789',
        '',
      ].join('\n'),
    );
    expect(chain.cuts).toEqual([
      { faultId: 'f1-a2', fromAddress: '198.18.7.12', packets: 3 },
      { faultId: 'f2-a2', fromAddress: '198.18.7.12', packets: 0 },
    ]);
    expect([...chain.passed]).toEqual([['198.18.7.13', 5]]);
  });

  test('a cut covers gossip by both protocols, replies included, and the overlay', () => {
    const rules = cutRules('f1', '198.18.7.12').join('\n');
    for (const part of [
      'udp --dport 7946',
      'tcp --dport 7946',
      'tcp --sport 7946',
      'udp --dport 4789',
    ])
      expect(rules).toContain(part);
  });

  test('links are grouped by the node that hears, and by the one that sends', () => {
    const cuts = [
      { from: 'n1', to: 'n2' },
      { from: 'n3', to: 'n2' },
    ];
    expect([...bySide(cuts, 'to')]).toEqual([['n2', ['n1', 'n3']]]);
    expect([...bySide(cuts, 'from')]).toEqual([
      ['n1', ['n2']],
      ['n3', ['n2']],
    ]);
  });

  test.each([
    ['-1 0', Infinity, 0],
    ['max 0', Infinity, 0],
    ['10000 7\n', 10_000, 7],
  ])('a control group that says %j has this quota', (text, quotaUs, throttled) => {
    expect(parseLook(text)).toEqual({ quotaUs, throttled });
  });

  test("the proxy's delivered bytes are told per link and stream", () => {
    const counters = parseSentBytes(
      [
        '# HELP toxiproxy_proxy_sent_bytes_total x',
        'toxiproxy_proxy_received_bytes_total{direction="upstream",listener="[::]:10257",proxy="n2-n1",upstream="198.18.7.11:2377"} 9',
        'toxiproxy_proxy_sent_bytes_total{direction="upstream",listener="[::]:10257",proxy="n2-n1",upstream="198.18.7.11:2377"} 5.5e+03',
      ].join('\n'),
    );
    expect([...counters]).toEqual([['n2-n1/upstream', 5500]]);
  });
});
