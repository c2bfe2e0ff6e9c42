export { requiredFieldErrors } from './required-fields.ts';
