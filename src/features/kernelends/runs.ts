/** Which cell of each notebook runs, or ran last without success: the one during which a kernel ended. */
export class Runs<N extends object, C> {
  /** A cell waits for the kernel, behind those that wait already. */
  scheduled(notebook: N, cell: C): void {
    const waiting = this._of(notebook);
    if (waiting.length === 0) {
      this._failed.delete(notebook);
    }
    this._waiting.set(notebook, [...waiting, cell]);
  }

  /** A cell has run, or will not run any more. */
  executed(notebook: N, cell: C, success: boolean): void {
    const waiting = this._of(notebook);
    if (!success && waiting[0] === cell) {
      this._failed.set(notebook, cell);
    } else if (success) {
      this._failed.delete(notebook);
    }
    this._waiting.set(
      notebook,
      waiting.filter(each => each !== cell)
    );
  }

  /** The first cell that waits, or the one that failed when all were given up. */
  ranLast(notebook: N): C | undefined {
    return this._failed.get(notebook) ?? this._of(notebook)[0];
  }

  private _of(notebook: N): C[] {
    return this._waiting.get(notebook) ?? [];
  }

  private _waiting = new WeakMap<N, C[]>();
  private _failed = new WeakMap<N, C>();
}
