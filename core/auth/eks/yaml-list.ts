import { parse } from 'yaml';
import { type Fields, isFields } from '../../kube/fields.ts';

/** The objects of a list in YAML, as ConfigMaps hold them; what cannot be read, and what in it is no object, counts for nothing. */
export function yamlList(text: string | undefined): readonly Fields[] {
  const list = parsed(text);
  return Array.isArray(list) ? list.filter(isFields) : [];
}

/** The texts of a list in YAML. Account numbers that nobody has quoted are numbers. */
export function yamlTexts(text: string | undefined): readonly string[] {
  const list = parsed(text);
  return Array.isArray(list) ? list.filter((one) => typeof one === 'string' || typeof one === 'number').map(String) : [];
}

function parsed(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

export const textIn = (fields: Fields, name: string): string | undefined => {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
};

export const textsIn = (fields: Fields, name: string): readonly string[] => {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
};
