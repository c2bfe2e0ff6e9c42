import { describe, expect, it } from 'vitest';
import { formatYaml, parseYaml } from './yaml.ts';

describe('parseYaml', () => {
  // What sigs.k8s.io/yaml makes of each.
  const read: [string, unknown][] = [
    ['a: yes', { a: true }],
    ['a: 22:22', { a: '22:22' }],
    ['a: 0644', { a: 420 }],
    ['a: 0o17', { a: 15 }],
    ['a: 2001-01-01', { a: '2001-01-01' }],
    ['a: 1_000', { a: 1000 }],
    ['a: 1e3', { a: 1000 }],
    ['y: n', { true: false }],
    ['- 1\n- 2', [1, 2]],
    ['a: &x {b: 1}\nc:\n  <<: *x\n  d: 2', { a: { b: 1 }, c: { b: 1, d: 2 } }],
    ['a: 1\na: 2', { a: 2 }],
    ['a: !!binary aGk=', { a: 'hi' }],
    ['---\na: 1\n---\nb: 2', { a: 1 }],
    ['1: x', { 1: 'x' }],
    ['a: ~', { a: null }],
    ['', null],
    ['# nothing', null],
    ['a: 080', { a: 80 }],
    ["a: '1'", { a: '1' }],
    ['a: 0x1F', { a: 31 }],
    ['{"a": "json"}', { a: 'json' }],
    ['.: -.', { '.': '-.' }],
    ['a: .5\nb: 5.', { a: 0.5, b: 5 }],
  ];
  for (const [text, value] of read) it(JSON.stringify(text), () => expect(parseYaml(text)).toEqual(value));

  it('refuses what JSON cannot say', () => {
    expect(() => parseYaml('a: .inf')).toThrow('json: unsupported value: +Inf');
    expect(() => parseYaml('a: *x')).toThrow('yaml: ');
    expect(() => parseYaml('a:\n\tb: c')).toThrow('yaml: line 2: ');
  });
});

describe('formatYaml', () => {
  it('quotes what would not read back as a string', () => {
    const value = {
      list: ['yes', '12:30', '0644', 'on', '1e3', '2001-01-01', 'y', '~', 'null', '', '0o7', '1_0', '#x', '*a', '- a', 'a: b'],
      empty: {},
      none: [],
      lines: 'a\nb\n',
      n: null,
    };
    const text = formatYaml(value);
    expect(parseYaml(text)).toEqual(value);
    for (const quoted of ['"yes"', '"12:30"', '"0644"', '"2001-01-01"', '"0o7"']) expect(text).toContain(`- ${quoted}\n`);
    expect(formatYaml({ '.': {}, a: '.5' })).toBe('.: {}\na: ".5"\n');
    expect(text.indexOf('empty')).toBeLessThan(text.indexOf('lines'));
  });
});
