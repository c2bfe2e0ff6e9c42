import { describe, expect, it } from 'vitest';
import { auditPolicyFrom } from './policy-file.ts';

const policy = (rest: string) => `apiVersion: audit.k8s.io/v1\nkind: Policy\n${rest}`;
const rule = (rest: string) => policy(`rules:\n- ${rest}`);

describe('a policy file', () => {
  it('is read', () => {
    expect(auditPolicyFrom(rule('level: Metadata\n  omitStages: [RequestReceived]')).rules).toEqual([{ level: 'Metadata', omitStages: ['RequestReceived'] }]);
  });

  it.each([
    ['nothing', '', 'failed decoding: the file holds no object'],
    ['another kind', 'apiVersion: v1\nkind: Pod', 'unknown group version field v1, Kind=Pod in policy'],
    [
      'a version that is gone',
      'apiVersion: audit.k8s.io/v1beta1\nkind: Policy\nrules: [{level: None}]',
      'unknown group version field audit.k8s.io/v1beta1, Kind=Policy in policy',
    ],
    ['no rules', policy('rules: []'), 'loaded illegal policy with 0 rules'],
    ['a field that there is not', rule('level: None\n  verb: [get]'), 'failed decoding: strict decoding error: unknown field "rules[0].verb"'],
    ['a list that is none', rule('level: None\n  users: me'), 'failed decoding: strict decoding error: rules[0].users must be a list'],
    ['no level', rule('users: [me]'), 'rules[0].level: Required value'],
    ['another level', rule('level: All'), 'rules[0].level: Unsupported value: "All": supported values: "None", "Metadata", "Request", "RequestResponse"'],
    [
      'another stage',
      policy('omitStages: [Begin]\nrules: [{level: None}]'),
      'omitStages[0]: Invalid value: "Begin": allowed stages are RequestReceived,ResponseStarted,ResponseComplete,Panic',
    ],
    [
      'paths and resources',
      rule('level: None\n  namespaces: [a]\n  nonResourceURLs: [/a]'),
      'rules[0].nonResourceURLs: Invalid value: ["/a"]: rules cannot apply to both regular resources and non-resource URLs',
    ],
    [
      'wrong paths',
      rule('level: None\n  nonResourceURLs: ["a", "/a*b"]'),
      '[rules[0].nonResourceURLs[0]: Invalid value: "a": non-resource URL rules must begin with a \'/\' character, ' +
        'rules[0].nonResourceURLs[1]: Invalid value: "/a*b": non-resource URL wildcards \'*\' must be the final character of the rule]',
    ],
    [
      'names of no resource',
      rule('level: None\n  resources: [{group: "", resourceNames: [a]}]'),
      'rules[0].resources.resourceNames: Invalid value: ["a"]: using resourceNames requires at least one resource',
    ],
    [
      'a group with its version',
      rule('level: None\n  resources: [{group: rbac.authorization.k8s.io/v1}]'),
      'rules[0].resources.group: Invalid value: "rbac.authorization.k8s.io/v1": a lowercase RFC 1123 subdomain must consist of',
    ],
  ])('with %s is refused', (_name, text, why) => expect(() => auditPolicyFrom(text)).toThrow(why));
});
