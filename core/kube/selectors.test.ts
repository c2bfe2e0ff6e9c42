import { describe, expect, it } from 'vitest';
import { matchesLabels, parseLabelSelector } from './selectors.ts';
import { StatusError } from './status.ts';

describe('a label selector', () => {
  it.each([
    { selector: '', yes: [{}, { a: 'b' }], no: [] },
    { selector: 'a=b', yes: [{ a: 'b', c: 'd' }], no: [{}, { a: 'c' }, { A: 'b' }] },
    { selector: 'a==b', yes: [{ a: 'b' }], no: [{ a: 'c' }] },
    { selector: 'a=', yes: [{ a: '' }], no: [{}, { a: 'b' }] },
    { selector: 'a!=b', yes: [{}, { a: 'c' }], no: [{ a: 'b' }] },
    { selector: 'a', yes: [{ a: '' }], no: [{}, { b: '' }] },
    { selector: '!a', yes: [{}, { b: '' }], no: [{ a: '' }] },
    { selector: 'a in (x, y)', yes: [{ a: 'x' }, { a: 'y' }], no: [{}, { a: 'z' }] },
    { selector: 'a notin (x,y)', yes: [{}, { a: 'z' }], no: [{ a: 'x' }] },
    { selector: 'a in (x,)', yes: [{ a: 'x' }, { a: '' }], no: [{}] },
    { selector: 'a in ()', yes: [{ a: '' }], no: [{}, { a: 'x' }] },
    { selector: 'a in (in,notin)', yes: [{ a: 'in' }, { a: 'notin' }], no: [{ a: 'x' }] },
    { selector: 'in in (x)', yes: [{ in: 'x' }], no: [{}] },
    { selector: 'a>1', yes: [{ a: '2' }, { a: '10' }], no: [{}, { a: '1' }, { a: 'x' }] },
    { selector: 'a<1', yes: [{ a: '0' }, { a: '-3' }], no: [{ a: '1' }] },
    { selector: ' a = b , example.com/c != d ', yes: [{ a: 'b' }], no: [{ a: 'b', 'example.com/c': 'd' }] },
    { selector: 'constructor', yes: [], no: [{}] },
  ])('"$selector"', ({ selector, yes, no }) => {
    const requirements = parseLabelSelector(selector);
    for (const labels of yes) expect(matchesLabels(requirements, labels as Record<string, string>), JSON.stringify(labels)).toBe(true);
    for (const labels of no) expect(matchesLabels(requirements, labels as Record<string, string>), JSON.stringify(labels)).toBe(false);
  });

  // As kube-apiserver answers them (apimachinery/pkg/labels/selector.go).
  it.each([
    { selector: 'a=b=c', message: "found '=', expected: ',' or 'end of string'" },
    { selector: 'a=b,', message: "found '', expected: identifier after ','" },
    { selector: ',a', message: "found ',', expected: !, identifier, or 'end of string'" },
    { selector: 'a in x', message: "unable to parse requirement: found 'x' expected: '('" },
    { selector: 'a b', message: "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt" },
    { selector: 'a=(', message: "unable to parse requirement: found '(', expected: identifier" },
    { selector: '!', message: "unable to parse requirement: found '', expected: identifier" },
    { selector: 'a>x', message: `unable to parse requirement: values[0]: Invalid value: "x": for 'Gt', 'Lt' operators, the value must be an integer` },
    { selector: 'a=-b', message: /^unable to parse requirement: values\[0\]\[a\]: Invalid value: "-b": a valid label must be an empty string or consist of/ },
    { selector: '-a=b', message: /^unable to parse requirement: <nil>: Invalid value: "-a": name part must consist of/ },
  ])('"$selector" is refused', ({ selector, message }) => {
    const refused = refusal(() => parseLabelSelector(selector));
    expect(refused.code).toBe(400);
    if (typeof message === 'string') expect(refused.message).toBe(message);
    else expect(refused.message).toMatch(message);
  });
});

function refusal(action: () => unknown): { code: number; message: string } {
  try {
    action();
  } catch (error) {
    if (error instanceof StatusError) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error('it was taken');
}
