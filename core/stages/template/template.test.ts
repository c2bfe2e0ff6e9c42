import { describe, expect, it } from 'vitest';
import { execute } from './execute.ts';
import { parseTemplate } from './parse.ts';
import { sprig } from './sprig.ts';

const run = (template: string, value: unknown = {}) => execute(parseTemplate(template), value, { ...sprig, Quote: (text) => JSON.stringify(text) });

describe('a template', () => {
  it.each([
    { template: 'a {{ .b.c }} d', value: { b: { c: 1 } }, want: 'a 1 d' },
    { template: '{{ .a.b.c }}', value: {}, want: '<no value>' },
    { template: 'x {{- /* no */ -}} y{{/* none */}}', want: 'xy' },
    { template: 'a  {{- 1 -}}  b', want: 'a1b' },
    { template: '{{ if .a }}1{{ else if .b }}2{{ else }}3{{ end }}', value: { b: true }, want: '2' },
    { template: '{{ with .a }}{{ . }}{{ else }}none{{ end }}', value: {}, want: 'none' },
    { template: '{{ range $i, $x := .a }}{{ $i }}{{ $x }}{{ end }}', value: { a: ['x', 'y'] }, want: '0x1y' },
    {
      template: '{{ range .a }}{{ if eq . 2 }}{{ continue }}{{ end }}{{ if eq . 4 }}{{ break }}{{ end }}{{ . }}{{ end }}',
      value: { a: [1, 2, 3, 4, 5] },
      want: '13',
    },
    { template: '{{ range .a }}x{{ else }}none{{ end }}', value: {}, want: 'none' },
    { template: '{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ end }}{{ $x }}', want: '2' },
    { template: '{{ $x := 1 }}{{ if true }}{{ $x := 2 }}{{ end }}{{ $x }}', want: '1' },
    { template: '{{ define "t" }}<{{ .k }}>{{ end }}{{ template "t" dict "k" . }}', value: 'v', want: '<v>' },
    { template: '{{ ( index .a 1 ).b | Quote }}', value: { a: [{}, { b: 'c' }] }, want: '"c"' },
    { template: '{{ or .a "" "z" }}{{ and 1 0 }}{{ not 0 }}', want: 'z0true' },
    { template: '{{ $r := . }}{{ range .a }}{{ $.b }}{{ $r.b }}{{ end }}', value: { a: [1], b: 2 }, want: '22' },
    { template: '{{ index .m "a.b/c" }}{{ len .m }}{{ printf "%s-%d" "x" 3 }}', value: { m: { 'a.b/c': 'd' } }, want: 'd1x-3' },
    { template: '{{ .constructor }}', want: '<no value>' },
    { template: '{{ .a | default "x" | upper }} {{ ternary "yes" "no" (hasPrefix "ab" "abc") }}', want: 'X yes' },
    { template: '{{ range until 3 }}{{ add1 . }}{{ end }} {{ div 7 2 }} {{ mod 7 2 }} {{ max 1 3 2 }}', want: '123 3 1 3' },
    {
      template: '{{ splitList "," "a,b" | join "-" }} {{ get .m "k" }}{{ keys .m }} {{ .m | toJson | b64enc }}',
      value: { m: { k: 1 } },
      want: 'a-b 1["k"] eyJrIjoxfQ==',
    },
    { template: 'x{{ nindent 2 "a" }}', want: 'x\n  a' },
  ])('$template makes $want', ({ template, value, want }) => {
    expect(run(template, value)).toBe(want);
  });

  it.each([
    { template: '{{ if .a }}', want: 'unexpected end of the template' },
    { template: '{{ end }}', want: 'unexpected {{end}}' },
    { template: '{{ .a', want: 'unclosed action' },
    { template: '{{ a ! }}', want: 'unexpected "!"' },
    { template: '{{ nothing }}', want: 'function "nothing" not defined' },
    { template: '{{ constructor }}', want: 'function "constructor" not defined' },
    { template: '{{ div 1 0 }}', want: 'integer divide by zero' },
    { template: '{{ until 1000000000 }}', want: 'more than 10000 numbers' },
    { template: '{{ $x }}', want: 'undefined variable "$x"' },
    { template: '{{ define "t" }}{{ template "t" }}{{ end }}{{ template "t" }}', want: 'exceeded maximum template depth' },
  ])('$template is refused: $want', ({ template, want }) => {
    expect(() => run(template)).toThrow(want);
  });
});
