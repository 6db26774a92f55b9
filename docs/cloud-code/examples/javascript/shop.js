/* A shop: orders are priced by the server, stock never falls below zero, buyers get mails, a job reports. */

const MASTER = { useMasterKey: true };

Parse.Cloud.beforeSave(
  'Product',
  ({ object: product }) => {
    if (product.get('price') < 0 || (product.isNew() && product.get('stock') < 0)) {
      throw new Parse.Error(Parse.Error.VALIDATION_ERROR, 'Price and stock are not negative');
    }
  },
  { requireMaster: true },
);

/** Takes so many of each product; gives back what was taken when there is not enough of one. */
async function take(items) {
  const taken = [];
  for (const { product: id, quantity } of items) {
    const product = await new Parse.Query('Product').get(id, MASTER);
    await product.decrement('stock', quantity).save(null, MASTER);
    taken.push({ product, quantity });
    if (product.get('stock') < 0) {
      // As the database says, whoever else buys at this moment.
      await Promise.all(taken.map(each => each.product.increment('stock', each.quantity).save(null, MASTER)));
      throw `Not enough of ${product.get('name')}`;
    }
  }
}

// Makes an order of `[{product: id, quantity: n}]`: the whole of it, or nothing.
Parse.Cloud.define(
  'checkout',
  async ({ params: { items }, user }, response) => {
    if (!items.length || items.some(item => !(item.quantity >= 1))) {
      throw 'The cart is empty';
    }
    await take(items);
    const order = await new Parse.Object('Order').save({ lines: items }, { sessionToken: user.getSessionToken() });
    response.status(201).success({ order: order.id, total: order.get('total') });
  },
  { requireUser: true, fields: { items: { type: Array, required: true } } },
);

// What an order costs is not for clients to say; nor is it changed later.
Parse.Cloud.beforeSave(
  'Order',
  async ({ object: order, user }) => {
    if (!order.isNew()) {
      order.revert('lines', 'total', 'buyer');
      return;
    }
    const lines = await Promise.all(
      (order.get('lines') ?? []).map(async ({ product: id, quantity }) => {
        const product = await new Parse.Query('Product').get(id);
        return { product: product.id, quantity, price: product.get('price') };
      }),
    );
    const total = lines.reduce((sum, line) => sum + line.price * line.quantity, 0);
    order.set({ lines, total, buyer: user, status: 'new' });
    order.setACL(new Parse.ACL(user));
  },
  { requireUser: true },
);

Parse.Cloud.afterSave('Order', async ({ object: order, original, user }) => {
  if (!original && user?.get('email')) {
    const text = `Thank you! It costs ${order.get('total')}.`;
    await Parse.Cloud.sendEmail({ to: user.get('email'), subject: 'Your order', text });
  }
});

Parse.Cloud.job('salesReport', async () => {
  const orders = await new Parse.Query('Order').findAll(MASTER);
  const total = orders.reduce((sum, order) => sum + order.get('total'), 0);
  const report = new Parse.Object('Report', { orders: orders.length, total });
  report.setACL(new Parse.ACL());
  await report.save(null, MASTER);
  return `${orders.length} orders, ${total} in all`;
});
