import { canonicalQuantity, milliValue, parseQuantity } from '../../kube/quantity.ts';

/** Rounds amounts of resources up to thousandths, as Kubernetes fills them in (SetDefaults_ResourceList). Changes the list that it is handed. */
export function defaultResourceList(list: Record<string, string> | undefined): void {
  for (const [name, quantity] of Object.entries(list ?? {})) {
    if (parseQuantity(quantity).nanos % MILLI !== 0n) list![name] = canonicalQuantity(`${milliValue(quantity)}m`);
  }
}

const MILLI = 1_000_000n;
