/** Events by which customers come to us with a question: what a journey that helps first is meant to spare them, and us. */
export const contactEvents = ['Call Started', 'Chat Started', 'Shop Visited'] as const
