/**
 * Names of all forms, checked as apimachinery does (`k8s.io/apimachinery/pkg/util/validation` and `pkg/api/validate/content`).
 * Each check takes a string (or number) and answers what is wrong with it: one message each, none when it is valid. A string that was left out is empty, as in Go.
 */

type Messages = string[];

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const LABEL_1035 = '[a-z]([-a-z0-9]*[a-z0-9])?';
const QUALIFIED_NAME = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';

const whole = (pattern: string) => new RegExp(`^(?:${pattern})$`);
const labelPattern = whole(LABEL);
const subdomainPattern = whole(SUBDOMAIN);
const label1035Pattern = whole(LABEL_1035);
const wildcardPattern = whole(`\\*\\.${SUBDOMAIN}`);
const qualifiedNamePattern = whole(QUALIFIED_NAME);
const labelValuePattern = whole(`(${QUALIFIED_NAME})?`);

/** DNS-1123 subdomain: the name of most objects. */
export const subdomain = (value = ''): Messages => [...longerThan(value, 253), ...notSubdomain(value)];

const notSubdomain = (value: string): Messages => [
  ...(subdomainPattern.test(value)
    ? []
    : [
        regexMessage(
          "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
          SUBDOMAIN,
          'example.com',
        ),
      ]),
];

const UNDERSCORED_LABEL = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const UNDERSCORED = `${UNDERSCORED_LABEL}(\\.${UNDERSCORED_LABEL})*`;
const underscoredPattern = whole(UNDERSCORED);

/** A subdomain in which underscores are allowed: the search paths of a resolver. */
export const underscoredSubdomain = (value = ''): Messages => [
  ...longerThan(value, 253),
  ...(underscoredPattern.test(value)
    ? []
    : [
        regexMessage(
          "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character",
          UNDERSCORED,
          'example.com',
        ),
      ]),
];

/** DNS-1123 label: namespaces, containers, volumes. */
export function label(value = ''): Messages {
  const messages = longerThan(value, 63);
  if (labelPattern.test(value)) return messages;
  if (subdomainPattern.test(value)) return [...messages, 'must not contain dots'];
  return [
    ...messages,
    regexMessage(
      "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
      LABEL,
      'my-name',
      '123-abc',
    ),
  ];
}

/** DNS-1035 label: Services. */
export const label1035 = (value = ''): Messages => [
  ...longerThan(value, 63),
  ...(label1035Pattern.test(value)
    ? []
    : [
        regexMessage(
          "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
          LABEL_1035,
          'my-name',
          'abc-123',
        ),
      ]),
];

/** `*.example.com`, as an Ingress host may be. */
export const wildcardSubdomain = (value = ''): Messages => [
  ...longerThan(value, 253),
  ...(wildcardPattern.test(value)
    ? []
    : [
        regexMessage(
          "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
          `\\*\\.${SUBDOMAIN}`,
          '*.example.com',
        ),
      ]),
];

/** A segment of a URL's path (`rest.ValidatePathSegmentName`): the names of RBAC objects. */
export function pathSegment(value = ''): Messages {
  if (value === '.' || value === '..') return [`may not be '${value}'`];
  return ['/', '%'].filter((char) => value.includes(char)).map((char) => `may not contain '${char}'`);
}

const QUALIFIED_MESSAGE = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

/** A qualified name (`example.com/MyName`): keys of labels and annotations, finalizers, resource names, condition types. */
export function qualifiedName(value = ''): Messages {
  if (value.length <= 63 && usualQualifiedName.test(value)) return [];
  const parts = value.split('/');
  const byRegex = () => regexMessage(QUALIFIED_MESSAGE, QUALIFIED_NAME, 'MyName', 'my.name', '123-abc');
  if (parts.length > 2) return [`a valid label key ${byRegex()} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  const name = parts.at(-1)!;
  const messages: Messages = [];
  if (parts.length === 2)
    messages.push(...(parts[0] ? [...longerThan(parts[0], 253, 'bytes'), ...notSubdomain(parts[0])] : [EMPTY]).map((message) => `prefix part ${message}`));
  if (!name) messages.push(`name part ${EMPTY}`);
  messages.push(...longerThan(name, 63, 'bytes').map((message) => `name part ${message}`));
  if (!qualifiedNamePattern.test(name)) messages.push(`name part ${byRegex()}`);
  return messages;
}

/** Nearly all are so; every write checks those of its object's labels. */
const usualQualifiedName = whole(`(${SUBDOMAIN}/)?${QUALIFIED_NAME}`);

/** The value of a label. */
export const labelValue = (value = ''): Messages => [
  ...longerThan(value, 63, 'bytes'),
  ...(labelValuePattern.test(value)
    ? []
    : [
        regexMessage(
          `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character`,
          `(${QUALIFIED_NAME})?`,
          'MyValue',
          'my_value',
          '12345',
        ),
      ]),
];

/** A port's name (IANA_SVC_NAME). */
export function portName(value = ''): Messages {
  const messages = longerThan(value, 15);
  if (!/^[-a-z0-9]+$/.test(value)) messages.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  if (!/[a-z]/.test(value)) messages.push('must contain at least one letter (a-z)');
  if (value.includes('--')) messages.push('must not contain consecutive hyphens');
  if (value.startsWith('-') || value.endsWith('-')) messages.push('must not begin or end with a hyphen');
  return messages;
}

/** A port's number, 1 to 65535. */
export const portNumber = (value: number): Messages => inRange(value, 1, 65535);

export const inRange = (value: number, low: number, high: number): Messages =>
  value >= low && value <= high ? [] : [`must be between ${low} and ${high}, inclusive`];

/** The name of an environment variable: any printable ASCII but `=`, since Kubernetes 1.34. */
export function envVarName(value = ''): Messages {
  if (!value) return [`environment variable name ${EMPTY}`];
  return /^[\x20-\x3c\x3e-\x7e]+$/.test(value) ? [] : ["a valid environment variable name must consist only of printable ASCII characters other than '='"];
}

const CONFIG_KEY = '[-._a-zA-Z0-9]+';

/** A key of a ConfigMap's or Secret's data. */
export const configKey = (value = ''): Messages => [
  ...longerThan(value, 253),
  ...(whole(CONFIG_KEY).test(value)
    ? []
    : [regexMessage("a valid config key must consist of alphanumeric characters, '-', '_' or '.'", CONFIG_KEY, 'key.name', 'KEY_NAME', 'key-name')]),
  ...parentPath(value),
];

const C_IDENTIFIER = '[A-Za-z_][A-Za-z0-9_]*';

/** An identifier as the language C has it. */
export const cIdentifier = (value = ''): Messages =>
  whole(C_IDENTIFIER).test(value)
    ? []
    : [
        regexMessage(
          "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_'",
          C_IDENTIFIER,
          'my_name',
          'MY_NAME',
          'MyName',
        ),
      ];

const CONDITION_REASON = '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?';

/** The reason of a condition. */
export const conditionReason = (value = ''): Messages =>
  whole(CONDITION_REASON).test(value)
    ? []
    : [
        regexMessage(
          "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_'",
          CONDITION_REASON,
          'my_name',
          'MY_NAME',
          'MyName',
          'ReasonA,ReasonB',
          'ReasonA:ReasonB',
        ),
      ];

const HTTP_HEADER = '[-A-Za-z0-9]+';

export const httpHeaderName = (value = ''): Messages =>
  whole(HTTP_HEADER).test(value) ? [] : [regexMessage("a valid HTTP header must consist of alphanumeric characters or '-'", HTTP_HEADER, 'X-Header-Name')];

const PERCENT = '[0-9]+%';

export const percent = (value = ''): Messages =>
  whole(PERCENT).test(value) ? [] : [regexMessage("a valid percent string must be a numeric string followed by an ending '%'", PERCENT, '1%', '93%')];

export type NameFormat = 'subdomain' | 'label' | 'path';

const formats: Record<NameFormat, (value: string) => Messages> = { subdomain: (value) => subdomain(value), label, path: pathSegment };

/**
 * An object's name, or with `prefix` its generateName: a trailing hyphen is then allowed, because what follows it is generated
 * (apimachinery's pkg/api/validation/generic.go).
 */
export function objectName(value = '', format: NameFormat, prefix = false): Messages {
  const masked = prefix && format !== 'path' && value.length > 1 && value.endsWith('-') ? `${value.slice(0, -2)}a` : value;
  return formats[format](masked);
}

const EMPTY = 'must be non-empty';

/** Kubernetes counts bytes either way: the two words are those of its older and its newer checks. */
function longerThan(value: string, max: number, unit: 'characters' | 'bytes' = 'characters'): Messages {
  return Buffer.byteLength(value) > max ? [`must be no more than ${max} ${unit}`] : [];
}

function parentPath(value: string): Messages {
  if (value === '.') return ["must not be '.'"];
  if (value === '..') return ["must not be '..'"];
  return value.startsWith('..') ? ["must not start with '..'"] : [];
}

// `'a',  or 'b', regex used …`: the two spaces are apimachinery's.
function regexMessage(message: string, pattern: string, ...examples: string[]): string {
  let text = regexMessages.get(message);
  if (text === undefined) {
    text = `${message} (e.g. ${examples.map((example) => `'${example}', `).join(' or ')}regex used for validation is '${pattern}')`;
    regexMessages.set(message, text);
  }
  return text;
}

/** By what is particular to them: there may be one of them for each of a hundred thousand names. */
const regexMessages = new Map<string, string>();
