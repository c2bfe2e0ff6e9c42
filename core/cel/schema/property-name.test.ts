import { describe, expect, it } from 'vitest';
import { propertyName, propertyOf } from './property-name.ts';

describe('the name of a property in expressions', () => {
  const check = ({ property, name }: { property: string; name: string | undefined }) => {
    expect(propertyName(property)).toBe(name);
    if (name !== undefined) expect(propertyOf(name)).toBe(property);
  };

  it.each([
    { property: 'spec', name: 'spec' },
    { property: 'x-y', name: 'x__dash__y' },
    { property: 'a.b/c', name: 'a__dot__b__slash__c' },
    { property: 'a__b', name: 'a__underscores__b' },
    { property: 'a_b', name: 'a_b' },
    { property: 'namespace', name: '__namespace__' },
    { property: 'in', name: '__in__' },
    { property: '9a', name: undefined },
    { property: 'a b', name: undefined },
    { property: '', name: undefined },
    { property: 'é', name: undefined },
  ])('$property', check);

  it('stands for a property only if it is one', () => {
    expect(['__nope__', 'a__in__b', '__namespace__', 'plain'].map(propertyOf)).toEqual([undefined, undefined, 'namespace', 'plain']);
  });
});
