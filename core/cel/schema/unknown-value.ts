import { UNKNOWN } from '../type.ts';
import { OpaqueValue, type Value } from '../value.ts';
import { deepEqual, rawOf } from './raw-value.ts';

/** What an object keeps though its schema does not know it. Expressions have no name for it; it is compared when what it is in is. */
export class UnknownValue extends OpaqueValue {
  readonly type = UNKNOWN;
  override readonly json: unknown;

  constructor(json: unknown) {
    super();
    this.json = json;
  }

  equals(other: Value): boolean {
    return deepEqual(this.json, rawOf(other));
  }
}
