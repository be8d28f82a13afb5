// A value that somebody else keeps, for tests of the input that edits it.

export class Box {
  text = $state('');
  readonly submitted: string[] = [];
  readonly props: { text: string; submit: (typed: string) => Promise<boolean> };

  constructor(text: string) {
    this.text = text;
    const value = () => this.text;
    this.props = {
      get text() {
        return value();
      },
      submit: async (typed) => {
        this.submitted.push(typed);
        return true;
      },
    };
  }
}
