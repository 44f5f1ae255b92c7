import { describe, expect, test } from '@jest/globals';
import { serviceId } from '../../model/ids.ts';
import { makeNode, makeTask } from '../dispatcher/virtual-swarm.ts';
import { expandContainer } from './expand-container.ts';
import { dummyValues, templateValues } from './values.ts';

const task = makeTask('task1', {
  slot: 3,
  node: 'node1',
  serviceId: serviceId('svc1'),
  serviceLabels: { tier: 'front', constructor: 'x', 'with-dash': 'y' },
});
const values = templateValues(task, makeNode('host1').description);

/** The template as a hostname of that task. */
const expanded = (template: string): string =>
  expandContainer({ Image: 'i', Hostname: template }, values).Hostname ?? '';

const problem = (template: string, of = values): string => {
  try {
    expandContainer({ Image: 'i', Hostname: template }, of);
    return '';
  } catch (caught) {
    return (caught as Error).message.replace('expanding hostname failed: ', '');
  }
};

const EXEC = (column: number, at: string): string =>
  `template: expansion:1:${column}: executing "expansion" at <${at}>: `;

describe('a template gives what Go gives', () => {
  test.each([
    ['plain }} text', 'plain }} text'],
    ['{{.Service.ID}}-{{ .Service.Name }}', 'svc1-web'],
    ['{{.Node.ID}}/{{.Node.Hostname}}', 'node1/host1'],
    ['{{.Node.Platform.OS}}-{{.Node.Platform.Architecture}}', 'linux-x86_64'],
    ['{{.Task.ID}} {{.Task.Name}} {{.Task.Slot}}', 'task1 web.3.task1 3'],
    ['{{.Service.Labels.tier}}', 'front'],
    ['{{.Service.Labels}}', 'map[constructor:x tier:front with-dash:y]'],
    ['{{index .Service.Labels "with-dash"}}', 'y'],
    ['[{{index .Service.Labels "none"}}]', '[]'],
    ['[{{index .Service.Labels "toString"}}]', '[]'],
    ['{{join "-" .Task.Slot "x" .Node.ID}}', '3-x-node1'],
    ['{{ .Task.Slot | join "-" "a" }}', 'a-3'],
    ['{{if eq .Task.Slot "3"}}three{{else}}other{{end}}', 'three'],
    ['{{if eq .Task.Slot "1" "2" "3"}}known{{end}}', 'known'],
    ['{{if .Service.Labels.tier}}{{.Task.ID}}{{end}}', 'task1'],
    ['{{if false}}a{{else if true}}b{{else}}c{{end}}', 'b'],
    ['{{with .Node}}{{.Hostname}} of {{$.Service.Name}}{{end}}', 'host1 of web'],
    ['{{with ""}}a{{else}}b{{end}}', 'b'],
    ['{{range .Service.Labels}}{{.}},{{end}}', 'x,front,y,'],
    [
      '{{range $k, $v := .Service.Labels}}{{$k}}={{$v}};{{end}}',
      'constructor=x;tier=front;with-dash=y;',
    ],
    ['{{$x := .Task.Slot}}{{$x}}{{$x}}', '33'],
    ['{{$x := 1}}{{if true}}{{$x = 2}}{{end}}{{$x}}', '2'],
    ['{{$x := 1}}{{if true}}{{$x := 2}}{{end}}{{$x}}', '1'],
    ['{{printf "%s-%04d|%-4s|%q" .Node.ID 7 "ab" "c"}}', 'node1-0007|ab  |"c"'],
    ['{{printf "%d" .Node.ID}}', '%!d(string=node1)'],
    ['{{print 1 2 "x" 3}}', '1 2x3'],
    ['{{"quoted }} text" | len}}', '14'],
    ['{{`raw "text"`}}', 'raw "text"'],
    ['{{(index .Service.Labels "tier") | printf "%s!"}}', 'front!'],
    ['{{and .Task.Slot "" "z"}}|{{or "" .Task.Slot}}', '|3'],
    ['{{not ""}} {{ne 1 2}} {{lt 1 2}} {{ge "b" "a"}}', 'true true true true'],
    ['{{slice .Node.ID 0 2}}', 'no'],
    ['{{0x1f}} {{.5}} {{len "é"}} {{printf "%6.2f" 3.14159}}', '31 0.5 2   3.14'],
    ['{{.Task.Slot |}}', '3'],
    ['{{html "<a&b>"}} {{urlquery "a b&c"}}', '&lt;a&amp;b&gt; a+b%26c'],
    ['a  {{- .Task.Slot -}}  b', 'a3b'],
    ['a {{/* a {{comment}} */}}b', 'a b'],
    ['a  {{- /* gone */ -}}  b', 'ab'],
    ['{{.Service}}', '{svc1 web map[constructor:x tier:front with-dash:y]}'],
  ])('%s', (template, result) => {
    expect(expanded(template)).toBe(result);
  });

  test('the slot of a global service is its node', () => {
    const global = templateValues({ ...task, slot: 0 }, undefined);
    const spec = { Image: 'i', Env: ['S={{.Task.Slot}}', 'H={{.Node.Hostname}}', 'N'] };
    expect(expandContainer(spec, global).Env).toEqual(['S=node1', 'H=', 'N']);
  });
});

describe('what is wrong with a template is said in the words of Go', () => {
  test.each([
    ['{{', 'template: expansion:1: unclosed action'],
    ['a\n{{.Task', 'template: expansion:2: unclosed action'],
    ['{{}}', 'template: expansion:1: missing value for command'],
    ['{{if}}x{{end}}', 'template: expansion:1: missing value for if'],
    ['{{if true}}x', 'template: expansion:1: unexpected EOF'],
    ['{{end}}', 'template: expansion:1: unexpected {{end}}'],
    ['{{foo "x"}}', 'template: expansion:1: function "foo" not defined'],
    ['{{$x}}', 'template: expansion:1: undefined variable "$x"'],
    ['{{if true}}{{$x := 1}}{{end}}{{$x}}', 'template: expansion:1: undefined variable "$x"'],
    ['{{"abc}}', 'template: expansion:1: unterminated quoted string'],
    ['{{(.Task.Slot}}', 'template: expansion:1: unclosed left paren'],
    ['{{/* x }}', 'template: expansion:1: unclosed comment'],
    ['{{%}}', 'template: expansion:1: unexpected "%" in command'],
    ['{{\u0001}}', "template: expansion:1: unrecognized character in action: U+0001 '\u0001'"],
    ['{{print 1)}}', 'template: expansion:1: unexpected right paren'],
    ['{{.Task.}}', 'template: expansion:1: unexpected <.> in operand'],
    ['{{$x, $y := .Node}}', 'template: expansion:1: too many declarations in command'],
    ['{{nil}}', `${EXEC(2, 'nil')}nil is not a command`],
    ['{{.Foo}}', `${EXEC(2, '.Foo')}can't evaluate field Foo in type *template.Context`],
    [
      '{{.Task.Foo}}',
      `${EXEC(7, '.Task.Foo')}can't evaluate field Foo in type struct { ID string; Name string; Slot string }`,
    ],
    [
      'ab{{.Service.ID.Foo}}',
      `${EXEC(12, '.Service.ID.Foo')}can't evaluate field Foo in type string`,
    ],
    [
      '{{.Service.Labels.none}}',
      `${EXEC(10, '.Service.Labels.none')}map has no entry for key "none"`,
    ],
    [
      '{{.Task.Slot "x"}}',
      `${EXEC(7, '.Task.Slot')}Slot has arguments but cannot be invoked as function`,
    ],
    ['{{range .Task.Slot}}x{{end}}', `${EXEC(13, '.Task.Slot')}range can't iterate over 3`],
    ['{{join "," 1}}', `${EXEC(11, '1')}expected string; found 1`],
    ['{{eq 1 "a"}}', `${EXEC(2, 'eq 1 "a"')}error calling eq: incompatible types for comparison`],
    ['{{len}}', `${EXEC(2, 'len')}wrong number of args for len: want 1 got 0`],
  ])('%s', (template, text) => {
    expect(problem(template)).toBe(text);
  });

  test('a manager refuses labels that it cannot know, since its dummy service has none', () => {
    expect(problem('{{.Service.Labels.tier}}', dummyValues())).toBe(
      `${EXEC(10, '.Service.Labels.tier')}map has no entry for key "tier"`,
    );
    expect(problem('{{index .Service.Labels "tier"}}', dummyValues())).toBe('');
  });

  test('nesting without end is refused and harms nobody', () => {
    const deep = `{{${'('.repeat(100_000)}1${')'.repeat(100_000)}}}`;
    expect(problem(deep)).toBe('template: expansion:1: max expression depth exceeded');
    const branches = '{{if true}}'.repeat(100_000);
    expect(problem(branches)).toBe('template: expansion:1: max expression depth exceeded');
  });
});

describe('the fields of a container', () => {
  const mount = {
    Type: 'volume' as const,
    Source: 'v-{{.Task.Slot}}',
    Target: '/data/{{.Service.Name}}',
    VolumeOptions: {
      Labels: { of: '{{.Node.ID}}' },
      DriverConfig: { Name: 'local', Options: { device: '{{.Task.ID}}' } },
    },
  };

  test('are expanded where Swarm expands them, and nowhere else', () => {
    const spec = {
      Image: '{{.Task.ID}}',
      Labels: { a: '{{x' },
      Mounts: [mount],
      Env: ['{{.Foo}}'],
    };
    expect(expandContainer(spec, values)).toEqual({
      ...spec,
      Mounts: [
        {
          Type: 'volume',
          Source: 'v-3',
          Target: '/data/web',
          VolumeOptions: {
            Labels: { of: 'node1' },
            DriverConfig: { Name: 'local', Options: { device: 'task1' } },
          },
        },
      ],
    });
  });

  test.each([
    [
      { Env: ['A={{.Foo}}'] },
      `expanding env failed: expanding env "A={{.Foo}}": ${EXEC(2, '.Foo')}can't evaluate field Foo in type *template.Context`,
    ],
    [
      { Mounts: [{ ...mount, Source: '{{' }] },
      'expanding mounts failed: expanding mount source "{{": template: expansion:1: unclosed action',
    ],
    [
      { Mounts: [{ ...mount, VolumeOptions: { Labels: { k: '{{' } } }] },
      'expanding mounts failed: expanding volume labels: expanding map entry "k"="{{": template: expansion:1: unclosed action',
    ],
  ])('%j is refused with what was tried', (patch, text) => {
    expect(() => expandContainer({ Image: 'i', ...patch }, values)).toThrow(text);
  });
});
