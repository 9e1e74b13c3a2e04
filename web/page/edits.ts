// Whether the user would lose edits.

/** Counts edits, and remembers which of them the user downloaded. */
export class Edits {
  private count = 0;
  private downloaded = 0;

  /** Something was edited, fixed or undone. */
  note() {
    this.count += 1;
  }

  noteDownload() {
    this.downloaded = this.count;
  }

  forget() {
    this.count = this.downloaded = 0;
  }

  areUnsaved(hasChanges: boolean): boolean {
    return hasChanges && this.count !== this.downloaded;
  }
}
