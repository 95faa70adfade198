/** Whether these changes would change the row. Undefined properties are ignored. */
export function differs<T extends object>(current: T, changes: Partial<T>): boolean {
  return Object.entries(changes).some(
    ([key, value]) => value !== undefined && JSON.stringify(current[key as keyof T]) !== JSON.stringify(value),
  );
}
