import { formatQuantity, parseQuantity, type Quantity } from '../../kube/quantity.ts';

/** What is taken of one thing, or may be. */
export type Amount = Pick<Quantity, 'nanos' | 'format'>;

/** What is taken of several things, by the names that quotas have for them. */
export type Amounts = ReadonlyMap<string, Amount>;

export const NOTHING: Amount = { nanos: 0n, format: 'DecimalSI' };
export const ONE: Amount = { nanos: 1_000_000_000n, format: 'DecimalSI' };

export const amountOf = (quantity: string): Amount => parseQuantity(quantity);

export const times = (count: number): Amount => ({ nanos: BigInt(count) * ONE.nanos, format: 'DecimalSI' });

/** A sum is written as its first part is that is more than nothing (Quantity.Add). */
export const plus = (a: Amount, b: Amount): Amount => (a.nanos === 0n ? b : { nanos: a.nanos + b.nanos, format: a.format });

export const minus = (a: Amount, b: Amount): Amount => ({ nanos: a.nanos - b.nanos, format: a.nanos === 0n ? b.format : a.format });

/** `pods=1,requests.cpu=500m`, as errors tell them. */
export const listed = (amounts: Amounts): string =>
  [...amounts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, amount]) => `${name}=${formatQuantity(amount)}`)
    .join(',');
