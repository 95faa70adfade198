/** Whether what is said of a row would change it. What is undefined says nothing. */
export function differs<T extends object>(current: T, said: { [Property in keyof T]?: T[Property] | undefined }): boolean {
  return Object.entries(said).some(
    ([key, value]) => value !== undefined && JSON.stringify(current[key as keyof T]) !== JSON.stringify(value),
  );
}
