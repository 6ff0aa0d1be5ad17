/** Save the open flow a moment after each change. */
export function useSaving(): void {}
