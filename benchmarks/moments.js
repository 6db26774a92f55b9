// Cloud Code of the reference while it is measured, as `moments.py` is ours.
Parse.Cloud.beforeSave('Handled', () => {});
