/** What is wrong with an annotation, as the AWS Load Balancer Controller says it (pkg/annotations/parser.go). */
export class AnnotationError extends Error {
  override readonly name = 'AnnotationError';
}

/** The annotations of an object below one prefix, read as the controller reads them. Each throws AnnotationError. */
export class Annotations {
  readonly #prefix: string;
  readonly #values: Readonly<Record<string, string>>;

  constructor(prefix: string, values: Readonly<Record<string, string>> | undefined) {
    this.#prefix = prefix;
    this.#values = values ?? {};
  }

  text(suffix: string): string | undefined {
    return this.#values[`${this.#prefix}/${suffix}`];
  }

  list(suffix: string): string[] | undefined {
    return this.text(suffix)
      ?.split(',')
      .map((part) => part.trim())
      .filter(Boolean);
  }

  bool(suffix: string): boolean | undefined {
    const text = this.text(suffix);
    if (text === undefined) return undefined;
    if (/^(1|t|T|TRUE|true|True)$/.test(text)) return true;
    if (/^(0|f|F|FALSE|false|False)$/.test(text)) return false;
    throw new AnnotationError(`${this.#failed('bool', suffix)}: strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`);
  }

  number(suffix: string): number | undefined {
    const text = this.text(suffix);
    if (text === undefined) return undefined;
    if (/^[+-]?\d+$/.test(text)) return Number(text);
    throw new AnnotationError(`${this.#failed('int64', suffix)}: strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  }

  map(suffix: string): Record<string, string> | undefined {
    const pairs = this.list(suffix)?.map((pair) => /^([^=]+)=(.*)$/s.exec(pair));
    if (pairs?.some((pair) => !pair)) throw new AnnotationError(this.#failed('stringMap', suffix));
    return pairs && Object.fromEntries(pairs.map((pair) => [pair![1]!, pair![2]!]));
  }

  /** One of some values. */
  oneOf<T extends string>(suffix: string, values: readonly T[], otherwise: (text: string) => string): T | undefined {
    const text = this.text(suffix);
    if (text === undefined) return undefined;
    const found = values.find((value) => value === text);
    if (found === undefined) throw new AnnotationError(otherwise(text));
    return found;
  }

  json(suffix: string, failed: (text: string) => string = () => this.#failed('json', suffix)): unknown {
    const text = this.text(suffix);
    if (text === undefined) return undefined;
    try {
      return JSON.parse(text);
    } catch {
      throw new AnnotationError(`${failed(text)}: ${goJsonError(text)}`);
    }
  }

  #failed(type: string, suffix: string): string {
    return `failed to parse ${type} annotation, ${this.#prefix}/${suffix}: ${this.text(suffix)}`;
  }
}

/** What Go's decoder says of a text that is no JSON: of the first character, where that begins no value. */
function goJsonError(text: string): string {
  const first = text.trimStart()[0];
  return first === undefined || /[[{"\d-]/.test(first) ? 'unexpected end of JSON input' : `invalid character '${first}' looking for beginning of value`;
}
