import { label, label1035, labelValue, qualifiedName, subdomain } from '../../kube/validation/names.ts';
import type { CallCost, Library } from '../library.ts';
import { REGEX_LENGTH, STRING_TRAVERSAL, scaled } from '../range.ts';
import { sizeOf } from '../size.ts';
import { daysIn } from '../timestamp-text.ts';
import { listOf, optionalOf, STRING, structType } from '../type.ts';
import { Elements, Failure, noSuchOverload, OpaqueValue, Optional, type Value } from '../value.ts';
import { CONSTANT } from './costs.ts';
import { parseRequestUri } from './net-url.ts';

export const FORMAT = structType('kubernetes.NamedFormat', undefined, 'format');

/** A form that a text may have. */
export class NamedFormat extends OpaqueValue {
  readonly type = FORMAT;
  readonly name: string;
  /** What is wrong with a text: nothing when it has the form. */
  readonly check: (text: string) => readonly string[];
  /** How long a regular expression that says the same is, which checking is charged by. */
  readonly patternSize: number;

  constructor(name: string, patternSize: number, check: (text: string) => readonly string[]) {
    super();
    this.name = name;
    this.patternSize = patternSize;
    this.check = check;
  }

  override equals(other: Value): boolean | Failure {
    return other instanceof NamedFormat ? this.name === other.name : noSuchOverload();
  }
}

const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$/;
const TIME = /^([0-9]{2}):([0-9]{2}):([0-9]{2})(.[0-9]+)?(z|([+-][0-9]{2}:[0-9]{2}))$/u;
/** The length of the pattern of times in kube-openapi's strfmt. */
const TIME_PATTERN_SIZE = 71;

/** The beginning of a name: what is generated behind it makes up for a hyphen at its end (apimachinery's pkg/api/validation/generic.go). */
const beginning = (check: (name: string) => readonly string[]) => (text: string) =>
  check(text.length > 1 && text.endsWith('-') ? `${text.slice(0, -2)}a` : text);

const matching = (holds: (text: string) => boolean, message: string) => (text: string) => (holds(text) ? [] : [message]);

/** The formats by the names that expressions call them by. */
const namedFormats: Readonly<Record<string, NamedFormat>> = {
  dns1123Label: new NamedFormat('DNS1123Label', 30, label),
  dns1123Subdomain: new NamedFormat('DNS1123Subdomain', 60, (text) => subdomain(text)),
  dns1035Label: new NamedFormat('DNS1035Label', 30, label1035),
  qualifiedName: new NamedFormat('QualifiedName', 60, qualifiedName),
  dns1123LabelPrefix: new NamedFormat('DNS1123LabelPrefix', 30, beginning(label)),
  dns1123SubdomainPrefix: new NamedFormat('DNS1123SubdomainPrefix', 60, beginning(subdomain)),
  dns1035LabelPrefix: new NamedFormat('DNS1035LabelPrefix', 30, beginning(label1035)),
  labelValue: new NamedFormat('LabelValue', 40, labelValue),
  uri: new NamedFormat('URI', 1103, (text) => {
    const url = parseRequestUri(text);
    return url instanceof Failure ? [url.message] : [];
  }),
  uuid: new NamedFormat(
    'uuid',
    70,
    matching((text) => UUID.test(text), 'does not match the UUID format'),
  ),
  byte: new NamedFormat(
    'byte',
    84,
    matching((text) => BASE64.test(text), 'invalid base64'),
  ),
  date: new NamedFormat('date', TIME_PATTERN_SIZE, matching(isDate, 'invalid date')),
  datetime: new NamedFormat('datetime', TIME_PATTERN_SIZE, matching(isDateTime, 'invalid datetime')),
};

const VALIDATION: CallCost = {
  actual: ({ args: [format, text] }) =>
    format instanceof NamedFormat ? Math.ceil((1 + sizeOf(text!)) * STRING_TRAVERSAL) * Math.ceil(format.patternSize * REGEX_LENGTH) : undefined,
  // 128 is the longest pattern of a name (MaxNameFormatRegexSize).
  estimate: ({ args: [text] }) => ({ cost: scaled(scaled(text!.size, STRING_TRAVERSAL), 128 * REGEX_LENGTH) }),
};

/** `format.dns1123Label().validate('name')` (k8s.io/apiserver/pkg/cel/library/format.go). */
export const formatLibrary: Library = {
  name: 'kubernetes.format',
  functions: [
    ...Object.entries(namedFormats).map(([name, format]) => ({
      name: `format.${name}`,
      overloads: [{ id: `format.${name}`, parameters: [], result: FORMAT, call: () => format }],
    })),
    {
      name: 'format.named',
      overloads: [
        {
          id: 'format-named',
          parameters: [STRING],
          result: optionalOf(FORMAT),
          call: (name: string) => (Object.hasOwn(namedFormats, name) ? new Optional(namedFormats[name]) : Optional.none),
        },
      ],
      cost: CONSTANT,
    },
    {
      name: 'validate',
      overloads: [{ id: 'format-validate', member: true, parameters: [FORMAT, STRING], result: optionalOf(listOf(STRING)), call: validate }],
      cost: VALIDATION,
    },
  ],
};

function validate(format: NamedFormat, text: string): Optional {
  const messages = format.check(text);
  return messages.length ? new Optional(new Elements(messages)) : Optional.none;
}

/** A full-date of RFC 3339, in a year that has the day. */
function isDate(text: string): boolean {
  const [year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text)?.slice(1).map(Number) ?? [];
  return day !== undefined && month! >= 1 && month! <= 12 && day >= 1 && day <= daysIn(year!, month!);
}

/** As strfmt reads it: whatever follows a second `t` is not looked at, and the zone's hours are not checked. */
function isDateTime(text: string): boolean {
  const [date, time] = text.toLowerCase().split('t');
  const [, hours, minutes, seconds] = TIME.exec(time ?? '') ?? [];
  return text.length >= 4 && isDate(date!) && hours !== undefined && hours <= '23' && minutes! <= '59' && seconds! <= '59';
}
