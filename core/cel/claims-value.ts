import { JsonList, JsonMap } from './json-value.ts';
import { propertyOf } from './schema/property-name.ts';
import type { Value } from './value.ts';

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

class ClaimsList extends JsonList {
  protected override shown(json: unknown): Value {
    return claimsValue(json);
  }
}

class ClaimsMap extends JsonMap {
  override find(key: Value): Value | undefined {
    return super.find(typeof key === 'string' ? (propertyOf(key) ?? key) : key);
  }

  protected override shown(json: unknown): Value {
    return claimsValue(json);
  }
}
