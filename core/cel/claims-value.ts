import { propertyOf } from './schema/property-name.ts';
import { ListValue, MapValue, type Value } from './value.ts';

/**
 * A part of a token's claims, as Kubernetes shows it to expressions: every number is a double, and a map finds under an escaped name what it stands for
 * (`claims.example__dot__com__slash__role`; plugin/pkg/authenticator/token/oidc, unescapeWrapper).
 */
export function claimsValue(json: unknown): Value {
  switch (typeof json) {
    case 'string':
    case 'boolean':
    case 'number':
      return json;
    case 'object':
      if (json === null) return null;
      return Array.isArray(json) ? new ClaimsList(json) : new ClaimsMap(json as Readonly<Record<string, unknown>>);
    default:
      return null;
  }
}

class ClaimsList extends ListValue {
  override readonly json: readonly unknown[];

  constructor(json: readonly unknown[]) {
    super();
    this.json = json;
  }

  get size(): number {
    return this.json.length;
  }

  at(index: number): Value {
    return claimsValue(this.json[index]);
  }
}

class ClaimsMap extends MapValue {
  override readonly json: Readonly<Record<string, unknown>>;

  constructor(json: Readonly<Record<string, unknown>>) {
    super();
    this.json = json;
  }

  get size(): number {
    return Object.keys(this.json).length;
  }

  find(key: Value): Value | undefined {
    if (typeof key !== 'string') return undefined;
    const name = propertyOf(key) ?? key;
    return Object.hasOwn(this.json, name) ? claimsValue(this.json[name]) : undefined;
  }

  keys(): Iterable<string> {
    return Object.keys(this.json);
  }
}
