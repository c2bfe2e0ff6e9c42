import { describe, expect, it } from 'vitest';
import { goValue } from './go-value.ts';
import { goDiff, unifiedDiff } from './unified-diff.ts';

const lines = (text: string) => [...text].map((char) => `${char}\n`);

// What github.com/pmezard/go-difflib answers.
describe('a unified diff is that of difflib', () => {
  it.each([
    { name: 'of nothing', a: '', b: '', want: '' },
    { name: 'of the same', a: 'abc', b: 'abc', want: '' },
    { name: 'of what the longest block, not the first, is the same of', a: 'ab', b: 'acab', want: '@@ -1,2 +1,4 @@\n+a\n+c\n a\n b\n' },
    { name: 'with three lines around', a: 'abcdefghijklm', b: 'abcdefGhijklm', want: '@@ -4,7 +4,7 @@\n d\n e\n f\n-g\n+G\n h\n i\n j\n' },
    {
      name: 'in parts',
      a: 'abcdefghijklmnopqrstuvwxyz',
      b: 'bcdefghijklmnopqrstuvwxyZ1',
      want: '@@ -1,4 +1,3 @@\n-a\n b\n c\n d\n@@ -23,4 +22,5 @@\n w\n x\n y\n-z\n+Z\n+1\n',
    },
    { name: 'of what was empty', a: '', b: 'x', want: '@@ -0,0 +1 @@\n+x\n' },
    { name: 'of what repeats', a: 'xyxyxyxy', b: 'yxyx', want: '@@ -1,8 +1,4 @@\n-x\n y\n x\n y\n x\n-y\n-x\n-y\n' },
  ])('$name', ({ a, b, want }) => expect(unifiedDiff(lines(a), lines(b))).toBe(want));

  it('of a long text, in which no block begins with a line that is everywhere', () => {
    const a = Array.from({ length: 240 }, (_, i) => (i % 20 ? `${i % 60}\n` : `unique ${i}\n`));
    const b = [...a.slice(30, 130), 'new\n', ...a.slice(100)];
    const gone = a.slice(0, 30).map((line) => `-${line}`);
    const again = a.slice(100, 130).map((line) => `+${line}`);
    expect(unifiedDiff(a, b)).toBe(
      [
        '@@ -1,33 +1,3 @@\n',
        ...gone,
        ' 30\n',
        ' 31\n',
        ' 32\n',
        '@@ -128,6 +98,37 @@\n',
        ' 7\n',
        ' 8\n',
        ' 9\n',
        '+new\n',
        ...again,
        ' 10\n',
        ' 11\n',
        ' 12\n',
      ].join(''),
    );
  });
});

it('shows what differs of two values as util/diff does', () => {
  const spec = { containers: [], hostNetwork: true, securityContext: {}, serviceAccountName: 'default' };
  expect(goDiff(goValue('core.PodSpec', spec), goValue('core.PodSpec', { ...spec, nodeSelector: { b: '2', a: '1' } }))).toBe(
    [
      '@@ -7,7 +7,10 @@',
      '  "TerminationGracePeriodSeconds": null,',
      '  "ActiveDeadlineSeconds": null,',
      '  "DNSPolicy": "",',
      '- "NodeSelector": null,',
      '+ "NodeSelector": {',
      '+  "a": "1",',
      '+  "b": "2"',
      '+ },',
      '  "ServiceAccountName": "default",',
      '  "AutomountServiceAccountToken": null,',
      '  "NodeName": "",',
      '',
    ].join('\n'),
  );
});
