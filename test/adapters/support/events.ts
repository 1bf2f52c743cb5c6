/** A platform object that one can listen to, and that knows how many do. */
export class CountedTarget extends EventTarget {
  #listeners = new Set<string>();
  #ids = new WeakMap<object, number>();
  #last = 0;

  get listeners(): number {
    return this.#listeners.size;
  }

  override addEventListener(type: string, run: (event: Event) => void): void {
    this.#listeners.add(this.#name(type, run));
    super.addEventListener(type, run);
  }

  override removeEventListener(type: string, run: (event: Event) => void): void {
    this.#listeners.delete(this.#name(type, run));
    super.removeEventListener(type, run);
  }

  fire(type: string): void {
    this.dispatchEvent(new Event(type));
  }

  #name(type: string, run: object): string {
    if (!this.#ids.has(run)) {
      this.#last += 1;
      this.#ids.set(run, this.#last);
    }
    return `${type} ${this.#ids.get(run)}`;
  }
}
