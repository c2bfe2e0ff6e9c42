import { describe, expect, it } from 'vitest';
import {
  configKey,
  envVarName,
  httpHeaderName,
  label,
  label1035,
  labelValue,
  objectName,
  pathSegment,
  percent,
  portName,
  portNumber,
  qualifiedName,
  subdomain,
  wildcardSubdomain,
} from './names.ts';

const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const NAME_PART =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

const cases: { check: (value: string) => string[]; given: string; want: string[] }[] = [
  { check: subdomain, given: 'a.b-c.0', want: [] },
  { check: subdomain, given: 'A', want: [SUBDOMAIN] },
  { check: subdomain, given: 'a_b', want: [SUBDOMAIN] },
  { check: subdomain, given: `${'a'.repeat(254)}`, want: ['must be no more than 253 characters'] },
  { check: label, given: 'a-0', want: [] },
  { check: label, given: 'a.b', want: ['must not contain dots'] },
  { check: label, given: '-a', want: [LABEL] },
  { check: label1035, given: '0a', want: [expect.stringContaining('a DNS-1035 label must consist of') as unknown as string] },
  { check: wildcardSubdomain, given: '*.example.com', want: [] },
  { check: wildcardSubdomain, given: '*example.com', want: [expect.stringContaining("must start with '*.'") as unknown as string] },
  { check: pathSegment, given: 'system:node', want: [] },
  { check: pathSegment, given: 'a/b%', want: ["may not contain '/'", "may not contain '%'"] },
  { check: pathSegment, given: '..', want: ["may not be '..'"] },
  { check: qualifiedName, given: 'example.com/My.Name', want: [] },
  { check: qualifiedName, given: 'a b', want: [NAME_PART] },
  { check: qualifiedName, given: '/a', want: ['prefix part must be non-empty'] },
  { check: qualifiedName, given: 'Ex/a', want: [`prefix part ${SUBDOMAIN}`] },
  { check: qualifiedName, given: 'a/', want: ['name part must be non-empty', NAME_PART] },
  {
    check: qualifiedName,
    given: 'a/b/c',
    want: [expect.stringContaining("with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')") as unknown as string],
  },
  { check: labelValue, given: '', want: [] },
  { check: labelValue, given: 'a'.repeat(64), want: ['must be no more than 63 bytes'] },
  { check: portName, given: 'http', want: [] },
  { check: portName, given: '8080', want: ['must contain at least one letter (a-z)'] },
  { check: portName, given: 'a--b-', want: ['must not contain consecutive hyphens', 'must not begin or end with a hyphen'] },
  { check: envVarName, given: 'my.env var', want: [] },
  { check: envVarName, given: 'a=b', want: ["a valid environment variable name must consist only of printable ASCII characters other than '='"] },
  { check: configKey, given: 'app.properties', want: [] },
  { check: configKey, given: '..', want: ["must not be '..'"] },
  { check: configKey, given: '..a', want: ["must not start with '..'"] },
  { check: configKey, given: 'a/b', want: [expect.stringContaining('a valid config key must consist of') as unknown as string] },
  { check: httpHeaderName, given: 'X-A', want: [] },
  { check: httpHeaderName, given: 'X A', want: [expect.stringContaining('a valid HTTP header must consist of') as unknown as string] },
  { check: percent, given: '25%', want: [] },
  { check: percent, given: '25', want: [expect.stringContaining('a valid percent string') as unknown as string] },
];

describe('names', () => {
  it.each(cases)('$check.name($given)', ({ check, given, want }) => expect(check(given)).toEqual(want));

  it('takes port numbers from 1 to 65535', () => {
    expect(portNumber(1)).toEqual([]);
    expect(portNumber(65535)).toEqual([]);
    expect(portNumber(0)).toEqual(['must be between 1 and 65535, inclusive']);
  });

  it('lets a generateName end in the hyphen that its suffix follows', () => {
    expect(objectName('web-', 'subdomain', true)).toEqual([]);
    expect(objectName('web-', 'subdomain')).toEqual([SUBDOMAIN]);
  });
});
